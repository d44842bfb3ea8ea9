// <sound-player> holds an <audio> and, hidden, [data-trouble]: what to say when its sound cannot be had, and a button
// that asks for it again. A browser's own player says nothing then.

class SoundPlayer extends HTMLElement {
  connectedCallback() {
    const sound = this.querySelector("audio")
    const trouble = this.querySelector("[data-trouble]")
    sound.onerror = () => (trouble.hidden = false)
    sound.onplaying = () => (trouble.hidden = true)
    trouble.querySelector("button").onclick = () => {
      trouble.hidden = true
      sound.autoplay = true
      sound.load()
    }
  }
}

customElements.define("sound-player", SoundPlayer)
