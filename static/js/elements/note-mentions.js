// <note-mentions list="…"> says whom the note in its form mentions, and posts their ids beside the words: of the
// people in the list (a listbox that fetches itself when it is `wanted`) whoever stands in the words as "@Name". It goes
// by the words alone, so that names typed by hand, kept in a draft or taken out again count as they stand.

class NoteMentions extends HTMLElement {
  #leaving = new AbortController()
  #isAsked = false

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.#words.addEventListener("input", () => this.#look(), { signal })
    this.#list.addEventListener("htmx:after:swap", () => this.#show(), { signal })
    this.#list.addEventListener("htmx:after:init", () => this.#lookAnew(), { signal }) // before, it hears no `wanted`
    this.#look()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #words() {
    return this.closest("form").querySelector("textarea")
  }

  get #list() {
    return document.getElementById(this.getAttribute("list"))
  }

  #lookAnew() {
    this.#isAsked = false
    this.#look()
  }

  #look() {
    if (this.#words.value.includes("@") && !this.#isAsked) {
      this.#isAsked = true
      this.#list.dispatchEvent(new CustomEvent("wanted"))
    }
    this.#show()
  }

  #show() {
    const mentioned = [...this.#list.querySelectorAll("[data-person]")].filter((one) => this.#mentions(one.dataset.label))
    for (const field of this.querySelectorAll("input")) field.remove()
    this.append(...mentioned.map(({ dataset }) => this.#field(dataset.person)))
    const says = this.querySelector("[data-words]")
    const names = mentioned.map(({ dataset }) => dataset.label).join(", ")
    const words = names && says.dataset.words.replace("{names}", () => names)
    if (says.textContent !== words) says.textContent = words
    this.hidden = !names
  }

  #mentions(label) {
    const name = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    return new RegExp(`(?<![\\p{L}\\p{N}])@${name}(?![\\p{L}\\p{N}])`, "iu").test(this.#words.value)
  }

  #field(person) {
    const field = document.createElement("input")
    field.type = "hidden"
    field.name = "mentions"
    field.value = person
    return field
  }
}

customElements.define("note-mentions", NoteMentions)
