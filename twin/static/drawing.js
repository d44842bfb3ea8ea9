// Drawing people, bubbles, calls and the wire. Text goes in as text, never as markup.

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" })
const SHOWN_HOOKS = 12
const ABOUT = {
  message: "Text came in",
  status: "Delivery receipt",
  voice: "Call rings",
  dial: "Center's phone rang",
  whisper: "Center's phone asked",
  leg_status: "Center's phone",
  record: "Voicemail left",
  recording: "Recording ready",
  call_status: "Call ended",
}

const fresh = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true)
export const timeOf = (seconds) => clock.format(new Date(seconds * 1000))

function fill(node, selector, text) {
  node.querySelector(selector).textContent = text
}

export function drawPerson(person, place, { current, unread }) {
  const row = fresh("person-row")
  const button = row.firstElementChild
  button.dataset.person = person.number
  button.dataset.face = place % 6
  button.setAttribute("aria-current", String(current))
  fill(row, ".person__face", [...person.name].find((letter) => letter !== "+") ?? "?")
  fill(row, ".person__name", person.name)
  fill(row, ".person__time", person.last ? timeOf(person.last.at) : "")
  fill(row, ".person__last", person.last ? lastOf(person.last) : person.note || person.number)
  row.querySelector(".person__news").hidden = !unread
  button.title = [person.number, person.note].filter(Boolean).join(" · ")
  return row
}

function lastOf(entry) {
  if (entry.type === "call") return "Call"
  const words = entry.body || "Picture"
  return entry.mine ? `You: ${words}` : words
}

export function drawEntry(entry) {
  const row = entry.type === "call" ? drawCall(entry) : drawBubble(entry)
  row.dataset.sid = entry.sid
  row.dataset.status = entry.status
  return row
}

function drawBubble(entry) {
  const row = fresh("bubble-row")
  const bubble = row.querySelector(".bubble")
  row.classList.add(entry.mine ? "row--out" : "row--in")
  bubble.classList.add(entry.mine ? "bubble--out" : "bubble--in", `bubble--${entry.state}`)
  for (const file of entry.media) bubble.append(drawFile(file))
  if (entry.body) bubble.append(Object.assign(document.createElement("span"), { textContent: entry.body }))
  const { words, bad } = captionOf(entry)
  fill(row, ".row__meta", [timeOf(entry.at), words].filter(Boolean).join(" · "))
  row.querySelector(".row__meta").classList.toggle("row__meta--bad", bad)
  return row
}

function drawFile(file) {
  if (!file.content_type.startsWith("image/")) return document.createTextNode(`[${file.content_type}] `)
  const button = Object.assign(document.createElement("button"), { type: "button", className: "bubble__open", title: "Enlarge" })
  button.dataset.enlarge = file.url
  button.append(Object.assign(document.createElement("img"), { src: file.url, alt: "Picture", className: "bubble__picture" }))
  return button
}

function captionOf(entry) {
  if (!entry.mine) return { words: STATES[entry.state] + (entry.error ? ` (${entry.error})` : ""), bad: entry.state === "lost" }
  if (!entry.heard) return { words: "", bad: false }
  if (/^2\d\d$/.test(entry.heard)) return { words: "Delivered", bad: false }
  return { words: TROUBLES[entry.heard] ?? `The center's server answered ${entry.heard}`, bad: true }
}

const STATES = { here: "", coming: "On its way", lost: "Did not arrive" }
const BRIEFLY = { ct: "not reachable", rt: "no answer", dropped: "lost" }
const TROUBLES = { ct: "The center's server is not there", rt: "The center's server did not answer", dropped: "Lost on the way" }

function drawCall(entry) {
  const row = fresh("call-row")
  fill(row, ".call", [`Call at ${timeOf(entry.at)}`, ...entry.told].join("\n"))
  return row
}

export function drawHook(hook) {
  const row = document.createElement("li")
  const good = hook.outcome === "answered"
  row.className = `wire__row wire__row--${good ? "good" : hook.outcome === "waiting" ? "waiting" : "bad"}`
  row.dataset.hook = hook.sid
  const tries = hook.attempts > 1 ? ` · ${hook.attempts} tries` : ""
  const took = good ? ` · ${Math.round(hook.seconds * 1000)} ms` : ""
  for (const text of [ABOUT[hook.about] ?? hook.about, `${BRIEFLY[hook.heard] ?? hook.heard}${tries}${took}`]) {
    row.append(Object.assign(document.createElement("span"), { textContent: text }))
  }
  return row
}

export function putHook(list, hook) {
  const old = list.querySelector(`[data-hook="${hook.sid}"]`)
  const row = drawHook(hook)
  if (old) old.replaceWith(row)
  else list.prepend(row)
  while (list.children.length > SHOWN_HOOKS) list.lastElementChild.remove()
}
