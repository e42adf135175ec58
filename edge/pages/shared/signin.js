/* shared/signin.js - the form by which people sign in, or register. */
import { element } from "./dom.js";
import { register, signIn } from "./session.js";

const texts = {
	signin: { title: "Sign in", action: "Sign in", other: "New here? Create an account" },
	register: { title: "Create an account", action: "Create account",
		other: "Have an account? Sign in" },
};

function field(name, label, attributes) {
	const input = element("input", { id: `signin-${name}`, name, required: true, ...attributes });
	const wrong = element("p.wrong", { id: `signin-${name}-wrong` });

	input.setAttribute("aria-describedby", wrong.id);
	return element("div.field", { "data-field": name },
		element("label", { for: input.id }, label), input, wrong);
}

function mark(form, fields) {
	for (const box of form.querySelectorAll(".field")) {
		const reason = fields.get(box.dataset.field === "name" ? "handle" : box.dataset.field);

		box.querySelector(".wrong").textContent = reason ?? "";
		box.querySelector("input").toggleAttribute("aria-invalid", Boolean(reason));
	}
}

/* The form; it signs in by itself, session.js tells who has come. */
export function signInForm(greeting) {
	const title = element("h2", {}, texts.signin.title);
	const wrong = element("p.wrong", { role: "alert" });
	const action = element("button.primary", { type: "submit" }, texts.signin.action);
	const other = element("button.link", { type: "button" }, texts.signin.other);
	const name = field("name", "Pseudo or e-mail", { autocomplete: "username",
		autocapitalize: "none", spellcheck: "false" });
	const pseudo = field("pseudo", "Pseudo", { autocomplete: "username", autocapitalize: "none",
		spellcheck: "false", minlength: 3, maxlength: 32 });
	const email = field("email", "E-mail", { type: "email", autocomplete: "email" });
	const password = field("password", "Password", { type: "password", minlength: 8,
		maxlength: 128, autocomplete: "current-password" });
	const form = element("form.card.signin", {}, element("p.greeting", {}, greeting), title, name,
		pseudo, email, password, wrong, action, other);
	let mode = "signin";

	const show = (next) => {
		mode = next;
		title.textContent = texts[mode].title;
		action.textContent = texts[mode].action;
		other.textContent = texts[mode].other;
		wrong.textContent = "";
		mark(form, new Map());
		for (const [box, modes] of [[name, "signin"], [pseudo, "register"], [email, "register"]]) {
			box.hidden = modes !== mode;
			box.querySelector("input").disabled = box.hidden;
		}
		form.elements.password.autocomplete =
			mode === "signin" ? "current-password" : "new-password";
	};
	other.addEventListener("click", () => {
		show(mode === "signin" ? "register" : "signin");
		form.querySelector(".field:not([hidden]) input").focus();
	});
	form.addEventListener("submit", async (event) => {
		const value = (input) => form.elements[input].value;

		event.preventDefault();
		action.disabled = true;
		wrong.textContent = "";
		try {
			if (mode === "signin")
				await signIn(value("name").trim(), value("password"));
			else
				await register(value("pseudo").trim(), value("email").trim(),
					value("password"));
			form.reset();
		} catch (error) {
			mark(form, error.fields ?? new Map());
			if (!error.fields?.size)
				wrong.textContent = error.message;
		}
		action.disabled = false;
	});
	show("signin");
	return form;
}
