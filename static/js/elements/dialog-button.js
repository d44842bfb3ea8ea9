// <dialog-button for="close-dialog"><button>…</button></dialog-button> opens the <dialog> of that id.
// A button with data-close inside the dialog closes it.

class DialogButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => this.#open())
  }

  #open() {
    const dialog = document.getElementById(this.getAttribute("for"))
    if (!dialog || dialog.open) return
    dialog.onclick = ({ target }) => (target === dialog || target.closest("[data-close]")) && dialog.close()
    dialog.onsubmit = () => dialog.close()
    dialog.showModal()
  }
}

customElements.define("dialog-button", DialogButton)
