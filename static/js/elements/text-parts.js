// <text-parts basic="…" extended="…" folds="{…}" most="1600" cents="1.2"> says in how many parts the words of its form
// travel, what they cost, and what is too much. Where plain quotes and dashes would save parts it offers them; letters
// and accents stay as they are. The table of signs comes from the server, which counts in the same way.

class TextParts extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.closest("form").addEventListener("input", () => this.#count(), { signal })
    this.closest("form").addEventListener("pictures", () => this.#count(), { signal })
    this.querySelector("[data-fold]").addEventListener("click", () => this.#fold(), { signal })
    this.#count()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  // GSM-7 where every sign is in the table, else UTF-16 units; no sign is cut in two.
  partsOf(words) {
    const [basic, extended] = [this.getAttribute("basic"), this.getAttribute("extended")]
    const signs = [...words]
    const isBasic = signs.every((sign) => basic.includes(sign) || extended.includes(sign))
    const sizes = signs.map((sign) => (isBasic ? (extended.includes(sign) ? 2 : 1) : sign.length))
    const [alone, joined] = isBasic ? [160, 153] : [70, 67]
    const units = sizes.reduce((sum, size) => sum + size, 0)
    if (units <= alone) return { units, parts: units ? 1 : 0 }
    let [parts, filled] = [1, 0]
    for (const size of sizes) {
      if (filled + size > joined) [parts, filled] = [parts + 1, 0]
      filled += size
    }
    return { units, parts }
  }

  folded(words) {
    const folds = JSON.parse(this.getAttribute("folds"))
    return [...words].map((sign) => folds[sign] ?? sign).join("")
  }

  get #field() {
    return this.closest("form").querySelector("textarea")
  }

  #count() {
    const words = this.#field.value.trim()
    const { units, parts } = this.partsOf(words)
    const over = [...words].length - Number(this.getAttribute("most"))
    this.toggleAttribute("data-over", over > 0)
    this.querySelector("output").textContent = over > 0 ? this.#said("over", over) : this.#summary(units, parts)
    this.#offer(words, parts)
  }

  #summary(units, parts) {
    if (!parts) return ""
    if (this.#hasPictures) return this.dataset.picture
    const cost = Math.ceil(parts * Number(this.getAttribute("cents")))
    const said = [this.#said(units === 1 ? "character" : "characters", units), this.#said(parts === 1 ? "one" : "many", parts)]
    return [...said, ...(cost ? [this.#said("cost", cost)] : [])].join(" · ")
  }

  get #hasPictures() {
    return this.closest("form").querySelector("input[name=pictures]") !== null
  }

  #offer(words, parts) {
    const saved = this.#hasPictures ? 0 : parts - this.partsOf(this.folded(words)).parts
    const offer = this.querySelector("[data-offer]")
    offer.hidden = saved < 1
    offer.querySelector("[data-saved]").textContent = saved < 1 ? "" : this.#said(saved === 1 ? "savesOne" : "saves", saved)
  }

  #fold() {
    const field = this.#field
    field.value = this.folded(field.value)
    field.focus()
    field.dispatchEvent(new Event("input", { bubbles: true }))
  }

  #said(sentence, number) {
    return this.dataset[sentence].replace("%", number)
  }
}

customElements.define("text-parts", TextParts)
