// <conversation-thread> keeps the entries of one conversation right, whatever order and how often they arrive.
// An entry that is here already is redrawn in place; a new one goes where its number belongs.
// It asks for everything after the oldest entry that can still change (data-unsettled).

const WRITTEN = 201 // how a reply or a note of one's own is answered
const LOOK_BACK = 30 // entries; an older text that never settled is not asked for at every ring

class ConversationThread extends HTMLElement {
  #newest = 0
  #leaving = new AbortController()

  // On the document, because a posted reply is answered to the composer, which stands outside of this element.
  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.#newest = this.#entries().reduce((newest, entry) => Math.max(newest, number(entry)), 0)
    this.addEventListener("htmx:config:request", (event) => this.#ask(event), { signal })
    document.addEventListener("htmx:before:swap", ({ detail }) => this.#place(detail.tasks), { signal })
    document.addEventListener("htmx:after:swap", ({ detail }) => this.#arrived(detail.ctx), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #list() {
    return this.querySelector("ol")
  }

  #entries() {
    return [...this.#list.querySelectorAll(":scope > [data-sequence]")]
  }

  #ask({ target, detail }) {
    if (target !== this.#list) return
    const recent = this.#entries().slice(-LOOK_BACK)
    const unsettled = recent.find((entry) => "unsettled" in entry.dataset)
    const after = unsettled ? number(unsettled) - 1 : this.#newest
    detail.ctx.request.body.set("after", after)
  }

  // Turns "append this fragment" into "redraw what is here, append what is new".
  #place(tasks) {
    const appended = tasks.filter((task) => task.target === this.#list && task.swapSpec.style === "beforeend")
    for (const task of appended) {
      for (const entry of [...task.fragment.children]) {
        const here = entry.id && document.getElementById(entry.id)
        if (here && "day" in entry.dataset) entry.remove()
        else if (here) tasks.push(this.#redraw(task, entry, here))
      }
    }
  }

  #redraw(task, entry, here) {
    const fragment = document.createDocumentFragment()
    fragment.append(entry)
    return { ...task, type: "oob", fragment, target: here, swapSpec: { style: "outerMorph" } }
  }

  #arrived(ctx) {
    this.#sort()
    this.#dropRepeatedDays()
    const fresh = this.#entries().filter((entry) => number(entry) > this.#newest)
    if (fresh.length > 0) this.#tell(fresh)
    if (ctx.target?.id === "older") this.dispatchEvent(new CustomEvent("older", { bubbles: true }))
    if (ctx.response?.status === WRITTEN) this.dispatchEvent(new CustomEvent("written", { bubbles: true }))
  }

  #tell(fresh) {
    this.#newest = number(fresh.at(-1))
    const count = fresh.filter((entry) => entry.matches(".entry")).length
    this.dispatchEvent(new CustomEvent("fresh", { bubbles: true, detail: count }))
    const announcements = document.getElementById("announcements")
    if (fresh.some((entry) => "inbound" in entry.dataset)) announcements.replaceChildren(this.dataset.news)
    const changed = fresh.some((entry) => "changesPane" in entry.dataset)
    if (changed) this.closest("[data-pane]")?.dispatchEvent(new CustomEvent("changed"))
  }

  #sort() {
    const entries = this.#entries()
    const inOrder = entries.every((entry, i) => i === 0 || number(entries[i - 1]) <= number(entry))
    if (!inOrder) this.#list.append(...entries.sort((a, b) => number(a) - number(b)))
  }

  #dropRepeatedDays() {
    const seen = new Set()
    for (const mark of this.#list.querySelectorAll(":scope > [data-day]")) {
      if (seen.has(mark.dataset.day)) mark.remove()
      seen.add(mark.dataset.day)
    }
  }
}

const number = (entry) => Number(entry.dataset.sequence)

customElements.define("conversation-thread", ConversationThread)
