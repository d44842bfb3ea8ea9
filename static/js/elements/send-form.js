// <send-form><form>…</form></send-form> sends its form as soon as it is there. Without scripts its button does.

class SendForm extends HTMLElement {
  connectedCallback() {
    this.querySelector("form").requestSubmit()
  }
}

customElements.define("send-form", SendForm)
