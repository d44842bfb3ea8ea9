// <passkey-form options="/address/" ceremony="get"><form>…</form></passkey-form> has the browser prove a passkey
// ("get") or make one ("create") before its form is sent. The answer travels in the form's field `credential`.
// What went wrong is said by the element with the same data-problem; which words those are is the page's business.

const PROBLEMS = {
  InvalidStateError: "known",
  NotSupportedError: "unsupported",
  ConstraintError: "unsupported",
  SecurityError: "elsewhere",
  TypeError: "unreachable",
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0))
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
const described = (keys = []) => keys.map((key) => ({ ...key, id: bytes(key.id) }))

class PasskeyForm extends HTMLElement {
  #isAsking = false

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#send(event))
  }

  async #send(event) {
    const form = event.target
    if (form.elements.credential.value) return
    event.preventDefault()
    if (this.#isAsking) return
    this.#isAsking = true
    this.#say("")
    try {
      form.elements.credential.value = JSON.stringify(await this.#answer(form))
      form.requestSubmit()
    } catch (error) {
      this.#say(PROBLEMS[error.name] ?? "cancelled")
    }
    this.#isAsking = false
  }

  async #answer(form) {
    if (!window.PublicKeyCredential) throw new DOMException("", "NotSupportedError")
    const options = await this.#options(form)
    const key = this.getAttribute("ceremony") === "create" ? await made(options) : await proved(options)
    return { id: key.id, rawId: text(key.rawId), type: key.type, response: told(key.response) }
  }

  async #options(form) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value })
    const response = await fetch(this.getAttribute("options"), { method: "POST", body, redirect: "error" })
    if (!response.ok) throw new TypeError("no options")
    return response.json()
  }

  #say(problem) {
    for (const words of this.querySelectorAll("[data-problem]")) words.hidden = words.dataset.problem !== problem
  }
}

function made(options) {
  const user = { ...options.user, id: bytes(options.user.id) }
  const known = described(options.excludeCredentials)
  const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: known }
  return navigator.credentials.create({ publicKey })
}

function proved(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: described(options.allowCredentials) }
  return navigator.credentials.get({ publicKey })
}

function told(response) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
  return Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, text(response[part])]))
}

customElements.define("passkey-form", PasskeyForm)
