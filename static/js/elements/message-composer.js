// <message-composer draft="/…/draft/" mode="reply"> holds the form of a reply and the form of a note, one at a time.
// It keeps what is half typed on the server, and lets nothing that arrives in the meantime touch the words.

const SAVE_AFTER = 800 // milliseconds without a key
const SAVE_AGAIN_AFTER = 10_000
const MOST_ROWS = 12
const CONFLICT = 409

class MessageComposer extends HTMLElement {
  #saving
  #unsaved = false
  #measured = new WeakMap() // how long the words of each field were
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    const on = (name, act, on = this) => on.addEventListener(name, act, { signal })
    on("input", ({ target }) => target.matches("textarea") && this.#typed(target))
    on("keydown", (event) => this.#pressed(event))
    on("click", ({ target }) => this.#clicked(target.closest("button")))
    on("htmx:before:request", ({ target }) => this.#freeze(target, true))
    on("htmx:finally:request", ({ target }) => this.#freeze(target, false))
    on("htmx:before:swap", (event) => this.#carryOver(event), document)
    on("desk:closing", ({ detail }) => this.#closing(detail), document)
    on("focusout", () => this.#saveNow())
    on("pagehide", () => this.#saveNow(), window)
    on("visibilitychange", () => this.#saveNow(), document)
    on("beforeunload", (event) => this.#unsaved && event.preventDefault(), window)
    this.#turnTo(this.getAttribute("mode") ?? "reply")
    if (this.#reply?.hasAttribute("data-unsaved")) this.#saveSoon()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#saveNow()
  }

  get #reply() {
    return this.querySelector("textarea[data-draft]")
  }

  get #note() {
    return this.querySelector("form[data-mode=note] textarea")
  }

  #typed(field) {
    this.#fit(field)
    if (field === this.#reply) this.#haveSeenAll(field.form)
    this.#saveSoon()
  }

  // A desk that is left, locked or switched off may never come to the next second.
  #saveNow() {
    clearTimeout(this.#saving)
    if (this.#unsaved) this.#save()
  }

  #saveSoon() {
    this.#unsaved = true
    clearTimeout(this.#saving)
    this.#saving = setTimeout(() => this.#save(), SAVE_AFTER)
  }

  // Whoever goes on typing below new entries has them before her eyes.
  #haveSeenAll(form) {
    const entries = [...document.querySelectorAll("[data-sequence]")]
    const latest = Number(entries.at(-1)?.dataset.sequence ?? 0)
    const field = form.elements.last_sequence
    if (document.querySelector("[data-latest]")?.hidden !== false && latest > Number(field.value)) field.value = latest
  }

  #pressed(event) {
    if (event.key === "Enter" && event.target.name === "leaves_at") return this.#keepForLater(event)
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.form) return
    event.preventDefault()
    event.target.form.requestSubmit()
  }

  // Enter would press the first button of the form, whichever that is.
  #keepForLater(event) {
    event.preventDefault()
    event.target.form.requestSubmit(this.querySelector("[data-later]"))
  }

  #clicked(button) {
    if (button?.dataset.mode) this.#turnTo(button.dataset.mode, true)
    if (button?.dataset.moment) this.querySelector("[name=leaves_at]").value = button.dataset.moment
    if (button?.dataset.choose) this.#choose(button.dataset.choose)
    if (button?.dataset.back !== undefined) this.#goBack(button)
  }

  #turnTo(mode, andFocus = false) {
    const forms = [...this.querySelectorAll("form[data-mode]")]
    const chosen = forms.find((form) => form.dataset.mode === mode) ?? forms[0]
    if (!chosen) return
    this.setAttribute("mode", chosen.dataset.mode)
    for (const form of forms) form.hidden = form !== chosen
    for (const button of this.querySelectorAll("button[data-mode]")) {
      button.ariaPressed = String(button.dataset.mode === chosen.dataset.mode)
    }
    this.#fit(chosen.querySelector("textarea"))
    if (andFocus) chosen.querySelector("textarea").focus()
  }

  // Whoever goes back wants to change the words: the question is asked anew when she sends.
  #goBack(button) {
    button.closest("[data-ask]").remove()
    this.#reply.focus()
  }

  // By rows and not by a height: swaps copy a style attribute, which the content policy forbids. To measure anew costs
  // two layouts, too much for every key: words that have grown and still have room, or can have no more, stay as they are.
  #fit(field) {
    const hasGrown = field.value.length >= (this.#measured.get(field) ?? Infinity)
    this.#measured.set(field, field.value.length)
    if (hasGrown && (field.rows === MOST_ROWS || field.scrollHeight <= field.clientHeight)) return
    field.rows = 2
    if (field.value) field.rows = Math.min(Math.floor(field.scrollHeight / parseFloat(getComputedStyle(field).lineHeight)), MOST_ROWS)
  }

  // Read-only, not disabled: a disabled field would lose the focus and the caret.
  #freeze(form, isSending) {
    if (!form.matches("form[data-mode]")) return
    form.ariaBusy = String(isSending)
    form.querySelector("textarea").readOnly = isSending
    for (const button of form.querySelectorAll("[type=submit]")) button.disabled = isSending
    clearTimeout(this.#saving)
    this.#unsaved = !isSending && this.isConnected && this.#fields.some((field) => field.value.trim() !== "")
  }

  // Her hours end in a moment, after which nothing is taken in any more: what she has typed is kept now.
  #closing(isClosing) {
    for (const field of this.#fields) field.readOnly = isClosing
    this.#saveNow()
  }

  get #fields() {
    return [this.#reply, this.#note].filter(Boolean)
  }

  async #save(hasChosen = false) {
    const body = this.#halfTyped(hasChosen)
    this.#unsaved = false
    let again = true
    try {
      // What outlives its page may have 64 KiB.
      const keepalive = new Blob([...body.values()]).size < 60_000
      const answer = await fetch(this.getAttribute("draft"), { method: "POST", body, keepalive })
      if (answer.status === CONFLICT) return this.#showOther(await answer.json())
      this.#unsaved = !answer.ok
      again = answer.status >= 500
    } catch {
      this.#unsaved = true // leaving the page asks first
    }
    if (again && this.#unsaved && this.isConnected) this.#saving = setTimeout(() => this.#save(), SAVE_AGAIN_AFTER)
  }

  #halfTyped(hasChosen) {
    const body = new FormData()
    body.set("csrfmiddlewaretoken", this.querySelector("[name=csrfmiddlewaretoken]").value)
    if (this.#reply) body.set("body", this.#reply.value)
    if (this.#note) body.set("note", this.#note.value)
    body.set("note_key", this.#note?.form.elements.key.value ?? "")
    for (const name of ["key", "version"]) body.set(name, this.#reply?.form.elements[name].value ?? "")
    if (hasChosen) body.set("has_chosen", "on")
    return body
  }

  // Both are kept on the server; nothing is put in the place of anything before she has chosen.
  #showOther({ body, version }) {
    const shown = this.querySelector("[data-beside]")
    shown.querySelector("[dir=auto]").textContent = body
    shown.hidden = false
    shown.dataset.version = version
  }

  #choose(which) {
    const shown = this.querySelector("[data-beside]")
    const other = shown.querySelector("[dir=auto]").textContent
    if (which === "both") this.#reply.value = together(other, this.#reply.value)
    if (shown.dataset.version) this.#reply.form.elements.version.value = shown.dataset.version
    shown.hidden = true
    this.#turnTo("reply", true)
    this.#save(true)
  }

  // Words that come home stand above what is being typed.
  #carryOver({ target, detail }) {
    if (this.contains(target) || detail.ctx.target !== this) return
    const { fragment } = detail.tasks[0]
    const note = fragment.querySelector("form[data-mode=note] textarea")
    if (note && this.#note?.value) note.textContent = this.#note.value
    const [field, typed] = [fragment.querySelector("textarea[data-draft]"), this.#reply?.value.trim()]
    if (!field || !typed) return
    field.textContent = together(field.value.trim(), typed)
    field.toggleAttribute("data-unsaved", true)
    this.#unsaved = false // or what is saved on leaving would be without the words that came
  }
}

// Every paragraph once; of one that was typed on since it was kept, the longer one.
function together(brought, typed) {
  const now = typed.split("\n\n")
  const before = brought.split("\n\n").filter((kept) => !now.some((words) => words.startsWith(kept)))
  return [...before, ...now].join("\n\n")
}

customElements.define("message-composer", MessageComposer)
