// <local-time datetime="2026-11-24T14:05:00+00:00" mode="ago"> draws a moment in the language and zone of the page
// (lang and data-time-zone of <html>). What the server wrote inside is shown until then, and left alone, so that
// a morph of the page around it changes nothing here.
//
// mode  clock  14:05          moment  14:05, or a date when it was not today    day  Monday, November 24
//                      (Today, Yesterday; with its year, when that is another)
//       waited 12 min, 30 hr: data-minutes, and what has passed since data-counts-from
//       ago    12 min         due     in 2 hours, 3 days ago

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const page = document.documentElement
const zone = page.dataset.timeZone || undefined
const draw = (options) => new Intl.DateTimeFormat(page.lang, { timeZone: zone, ...options })
const clock = draw({ hour: "numeric", minute: "2-digit" })
const date = draw({ month: "short", day: "numeric" })
const day = draw({ weekday: "long", month: "long", day: "numeric" })
const dated = draw({ dateStyle: "full" })
const ofYear = draw({ year: "numeric" })
const whole = draw({ dateStyle: "full", timeStyle: "short" })
const relative = new Intl.RelativeTimeFormat(page.lang, { numeric: "auto" })
const short = (unit) => new Intl.NumberFormat(page.lang, { style: "unit", unit, unitDisplay: "short" })
const units = [[DAY, "day"], [HOUR, "hour"], [MINUTE, "minute"]]
const lengths = Object.fromEntries(units.map(([, unit]) => [unit, short(unit)]))

const modes = {
  clock: (moment) => clock.format(moment),
  day: (moment) => dayOf(moment),
  moment: (moment) => (isDay(moment, Date.now()) ? clock : date).format(moment),
  ago: (moment) => {
    const [size, unit] = unitOf(Date.now() - moment)
    return lengths[unit].format(Math.max(Math.floor((Date.now() - moment) / size), 0))
  },
  waited: (_moment, element) => waitedAt(element),
  due: (moment) => {
    const [size, unit] = unitOf(Math.abs(moment - Date.now()))
    return relative.format(Math.round((moment - Date.now()) / size), unit)
  },
}

const isDay = (moment, other) => dated.format(moment) === dated.format(other)

function dayOf(moment) {
  const now = Date.now()
  const back = [0, -1].find((days) => isDay(moment, now + days * DAY))
  if (back === undefined) return (ofYear.format(moment) === ofYear.format(now) ? day : dated).format(moment)
  const words = relative.format(back, "day")
  return words[0].toLocaleUpperCase(page.lang) + words.slice(1)
}

function waitedAt({ dataset: { minutes, countsFrom } }) {
  const span = minutes * MINUTE + (countsFrom ? Date.now() - Date.parse(countsFrom) : 0)
  const [size, unit] = span < HOUR ? [MINUTE, "minute"] : [HOUR, "hour"]
  return lengths[unit].format(Math.max(Math.floor(span / size), 0))
}

function unitOf(span) {
  return units.find(([size]) => span >= size) ?? units.at(-1)
}

class LocalTime extends HTMLElement {
  static observedAttributes = ["datetime", "mode", "data-minutes", "data-counts-from"]
  static all = new Set()

  #words

  connectedCallback() {
    LocalTime.all.add(this)
    this.#words ??= this.attachShadow({ mode: "open" })
    this.redraw()
  }

  disconnectedCallback() {
    LocalTime.all.delete(this)
  }

  attributeChangedCallback() {
    if (this.#words) this.redraw()
  }

  redraw() {
    const moment = Date.parse(this.getAttribute("datetime"))
    if (Number.isNaN(moment)) return
    const words = modes[this.getAttribute("mode")]?.(moment, this) ?? clock.format(moment)
    if (this.#words.textContent !== words) this.#words.textContent = words
    this.title = whole.format(moment)
  }
}

customElements.define("local-time", LocalTime)
setInterval(() => LocalTime.all.forEach((time) => time.redraw()), 30_000)
