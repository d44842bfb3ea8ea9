// <notification-choice> holds the box and the sounds with which somebody chooses how this browser calls her. It asks
// the browser for leave when she wants notifications, says so where that is refused ([data-when="denied"]), and lets
// her try what she chose ([data-act="try"]).

import { play } from "../sounds.js";

class NotificationChoice extends HTMLElement {
  connectedCallback() {
    const [box, sound] = [this.querySelector("[name=notifies]"), this.querySelector("[name=sound]")]
    const attempt = this.querySelector("[data-act=try]")
    attempt.hidden = false
    attempt.onclick = () => this.#try(box, sound)
    box.onchange = () => this.#ask(box)
    this.#say(box)
  }

  async #ask(box) {
    if (box.checked && "Notification" in window) await Notification.requestPermission()
    this.#say(box)
  }

  #say(box) {
    const isDenied = !("Notification" in window) || Notification.permission === "denied"
    this.querySelector("[data-when=denied]").hidden = !(box.checked && isDenied)
  }

  async #try(box, sound) {
    play(sound.value)
    await this.#ask(box)
    if (!box.checked || !("Notification" in window) || Notification.permission !== "granted") return
    new Notification(this.getAttribute("title-of-news"), { tag: "news", silent: true, icon: this.getAttribute("picture") })
  }
}

customElements.define("notification-choice", NotificationChoice)
