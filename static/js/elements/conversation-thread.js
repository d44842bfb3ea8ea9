// <conversation-thread> keeps the entries of one conversation right, whatever order and how often they arrive.
// An entry that is here already is redrawn in place; a new one goes where its number belongs.
//
// It knows up to where nothing is missing (data-through): the server says of each answer after which number it begins
// and how far it goes ([data-after]). What begins behind a gap does not count, and is asked for again. It asks for what
// comes after that, from the oldest entry on that can still change (data-unsettled); and where nothing new is said to
// have come, from the oldest that anybody still looks at, because then something has changed that is here.
//
// With data-one-at-a-time no more than one entry is copied; its words say so. It keeps the careless from carrying a
// conversation away, not whoever means to: she could write it down.

const WRITTEN = 201 // how a reply or a note of one's own is answered
const LOOK_BACK = 30 // entries; what is older is not asked for at every ring

class ConversationThread extends HTMLElement {
  #newest = 0
  #last = 0 // the highest number that any answer has told of
  #mayHaveChanged = false
  #leaving = new AbortController()

  // On the document, because a posted reply is answered to the composer, which stands outside of this element.
  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.#newest = this.#entries().reduce((newest, entry) => Math.max(newest, number(entry)), 0)
    this.#last = this.#through
    this.addEventListener("bell", ({ detail }) => this.#rung(detail), { signal, capture: true })
    if (this.dataset.oneAtATime) document.addEventListener("copy", (event) => this.#copied(event), { signal })
    document.addEventListener("htmx:config:request", (event) => this.#ask(event), { signal })
    document.addEventListener("htmx:before:swap", ({ detail }) => this.#place(detail.tasks), { signal })
    document.addEventListener("htmx:after:swap", ({ detail }) => this.#arrived(detail.ctx), { signal })
    document.addEventListener("htmx:response:error", ({ detail }) => this.#failed(detail.ctx), { signal })
    document.addEventListener("htmx:error", ({ detail }) => this.#failed(detail.ctx), { signal })
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

  get #through() {
    return Number(this.#list.dataset.through)
  }

  #copied(event) {
    const selection = document.getSelection()
    const chosen = this.#entries().filter((entry) => entry.matches(".entry") && selection.containsNode(entry, true))
    if (chosen.length < 2 || event.target.closest?.("textarea, input")) return
    event.preventDefault()
    document.querySelector("toast-area").say(this.dataset.oneAtATime, "error")
  }

  #rung(detail) {
    if (!(detail?.sequence > this.#through)) this.#mayHaveChanged = true
  }

  #ask({ target, detail: { ctx } }) {
    if (target === this.#list) ctx.request.body.set("after", this.#after())
    else if (ctx.target?.matches("message-composer")) ctx.request.body.set("seen", this.#through)
  }

  #after() {
    const recent = this.#entries().slice(-LOOK_BACK)
    const oldest = this.#mayHaveChanged ? recent[0] : recent.find((entry) => "unsettled" in entry.dataset)
    this.#mayHaveChanged = false
    return oldest ? Math.min(number(oldest) - 1, this.#through) : this.#through
  }

  // What was asked for and did not come is asked for with the next ring.
  #failed(ctx) {
    if (ctx?.sourceElement === this.#list) this.#mayHaveChanged = true
  }

  // Turns "append this fragment" into "redraw what is here, append what is new".
  #place(tasks) {
    const appended = tasks.filter((task) => task.target === this.#list && task.swapSpec.style === "beforeend")
    for (const task of appended) {
      this.#cover(task.fragment.querySelector("[data-after]"))
      for (const entry of [...task.fragment.children]) {
        const here = entry.id && document.getElementById(entry.id)
        if (here && "day" in entry.dataset) entry.remove()
        else if (here) tasks.push(this.#redraw(task, entry, here))
      }
    }
  }

  #cover(mark) {
    if (!mark) return
    mark.remove()
    const { after, through, last } = mark.dataset
    this.#last = Math.max(this.#last, Number(last))
    if (Number(after) <= this.#through) this.#list.dataset.through = Math.max(this.#through, Number(through))
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
    if (this.#through < this.#last) this.#list.dispatchEvent(new CustomEvent("bell", { detail: { sequence: this.#last } }))
  }

  // What has just come is read now, and the list may have been drawn before that.
  #tell(fresh) {
    this.#newest = number(fresh.at(-1))
    const count = fresh.filter((entry) => entry.matches(".entry")).length
    this.dispatchEvent(new CustomEvent("fresh", { bubbles: true, detail: count }))
    document.querySelector("[data-conversation=any]")?.dispatchEvent(new CustomEvent("bell"))
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
