// <print-button><button>…</button></print-button> opens the browser's own window for printing.

class PrintButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => window.print())
  }
}

customElements.define("print-button", PrintButton)
