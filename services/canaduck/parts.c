#include "services/canaduck/parts.h"

#include "canaduck/channels/v1/channels.rpc.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "canaduck/users/v1/users.rpc.h"
#include "services/channels/channels.h"
#include "services/messages/messages.h"
#include "services/users/users.h"

const struct runtime_service *const parts_services[PARTS_SERVICES] = {
        &users_runtime,
        &channels_runtime,
        &messages_runtime,
};

const struct rpc_service *const parts_tables[PARTS_SERVICES + 1] = {
        &users_service,
        &channels_service,
        &messages_service,
        NULL,
};
