# What turns .proto files into C. All of it lands in build/gen, which stands in the include path.
set(CANADUCK_GEN_DIR ${CMAKE_BINARY_DIR}/gen)
set(CANADUCK_PROTO_DIR ${CMAKE_SOURCE_DIR}/proto)
find_path(PROTOBUF_PROTO_DIR google/protobuf/compiler/plugin.proto REQUIRED)
file(MAKE_DIRECTORY ${CANADUCK_GEN_DIR})

# Full path of a file below the given root, ours or protobuf's own.
function(canaduck_proto_path out root file)
  foreach(dir ${root} ${CANADUCK_PROTO_DIR} ${PROTOBUF_PROTO_DIR})
    if(EXISTS ${dir}/${file})
      set(${out} ${dir}/${file} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "no proto file ${file}")
endfunction()

# A library of protobuf-c's code, which is not held to our warnings.
function(canaduck_pbc_library name)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name} SYSTEM PUBLIC ${CANADUCK_GEN_DIR})
  target_compile_options(${name} PRIVATE -w)
  target_link_libraries(${name} PUBLIC PkgConfig::PROTOBUF_C)
endfunction()

# codegen_bootstrap(NAME GENERATOR FILE...): protobuf-c's code alone, for the plugins themselves.
# GENERATOR is protoc-gen-c, or c3 once that is built.
function(codegen_bootstrap name generator)
  if(generator STREQUAL "protoc-gen-c")
    set(call --c_out=${CANADUCK_GEN_DIR})
    set(plugin ${PROTOC_GEN_C})
  else()
    set(call --plugin=protoc-gen-c3=$<TARGET_FILE:protoc-gen-c3> --c3_opt=${PROTOC_GEN_C}
      --c3_out=${CANADUCK_GEN_DIR})
    set(plugin protoc-gen-c3)
  endif()
  foreach(file IN LISTS ARGN)
    canaduck_proto_path(path ${CANADUCK_PROTO_DIR} ${file})
    string(REGEX REPLACE "\\.proto$" "" stem ${CANADUCK_GEN_DIR}/${file})
    list(APPEND inputs ${path})
    list(APPEND headers ${stem}.pb-c.h)
    list(APPEND sources ${stem}.pb-c.c)
  endforeach()
  add_custom_command(OUTPUT ${sources} ${headers}
    COMMAND ${PROTOC} -I${CANADUCK_PROTO_DIR} -I${PROTOBUF_PROTO_DIR} ${call} ${ARGN}
    DEPENDS ${inputs} ${plugin} COMMENT "Generating ${name}" VERBATIM)
  canaduck_pbc_library(${name} ${sources})
endfunction()

# canaduck_proto(NAME [ROOT DIR] FILE...): generates the code of files below DIR (proto/ unless said)
# in one run of protoc, so that all routes are checked against each other. The library NAME
# holds messages and their schemas. x.rpc.c and x.server.c of files with a service are made as well,
# in CANADUCK_GEN_DIR: what libraries they go to is the caller's to say, in the same folder.
function(canaduck_proto name)
  cmake_parse_arguments(ARG "" "ROOT" "" ${ARGN})
  if(NOT ARG_ROOT)
    set(ARG_ROOT ${CANADUCK_PROTO_DIR})
  endif()
  foreach(file IN LISTS ARG_UNPARSED_ARGUMENTS)
    canaduck_proto_path(path ${ARG_ROOT} ${file})
    string(REGEX REPLACE "\\.proto$" "" stem ${CANADUCK_GEN_DIR}/${file})
    list(APPEND inputs ${path})
    list(APPEND pbc ${stem}.pb-c.c)
    list(APPEND schemas ${stem}.schema.c)
    list(APPEND others ${stem}.pb-c.h ${stem}.schema.h)
    # Whether there is a service decides what comes out; so a change configures again.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(STRINGS ${path} services REGEX "^service ")
    if(services)
      list(APPEND others ${stem}.rpc.h ${stem}.rpc.c ${stem}.server.h ${stem}.server.c)
    endif()
  endforeach()
  set(includes -I${ARG_ROOT} -I${CANADUCK_PROTO_DIR} -I${PROTOBUF_PROTO_DIR})
  list(REMOVE_DUPLICATES includes)
  add_custom_command(OUTPUT ${pbc} ${schemas} ${others}
    COMMAND ${PROTOC} ${includes}
      --plugin=protoc-gen-c3=$<TARGET_FILE:protoc-gen-c3> --c3_opt=${PROTOC_GEN_C}
      --plugin=protoc-gen-canaduck=$<TARGET_FILE:protoc-gen-canaduck>
      --canaduck_out=${CANADUCK_GEN_DIR} --c3_out=${CANADUCK_GEN_DIR} ${ARG_UNPARSED_ARGUMENTS}
    DEPENDS ${inputs} protoc-gen-c3 protoc-gen-canaduck codegen_option_proto
    COMMENT "Generating ${name}" VERBATIM)
  canaduck_pbc_library(${name}_pbc ${pbc})
  canaduck_library(${name} ${schemas} LINK ${name}_pbc)
endfunction()
