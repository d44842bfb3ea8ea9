// A call under way: her phone, and the center's phone beside it. What can be done depends on the stage.

import { moveCall } from "./api.js"

const $ = (id) => document.getElementById(id)
const STAGES = {
  calling: "Calling…",
  greeting: "Connected",
  ringing: "The center's phone rings",
  whisper: "The center's phone rings",
  talking: "They talk",
  beep: "Beep: speak now",
  recording: "Recording",
}
const STAFF_STAGES = { ringing: "Rings", whisper: "Picked up", talking: "They talk" }
const TIMED = new Set(["greeting", "talking", "recording"])
const KEYS = {
  ringing: [
    ["staff_answer", "Pick up"],
    ["staff_busy", "Busy"],
    ["staff_voicemail", "Its voicemail answers"],
    ["staff_fail", "Out of reach"],
  ],
  whisper: [
    ["staff_press_1", "Press 1"],
    ["staff_press_2", "Press 2"],
    ["staff_hang_up", "Hang up"],
  ],
  talking: [["staff_hang_up", "Hang up"]],
}
const HINTS = { ringing: "Do nothing, and it rings until the call goes on.", whisper: "Do nothing, and no key is pressed." }

const calls = new Map()
const shown = { person: "", line: "", name: "" }

export const forgetCalls = () => calls.clear()

export function hearCall(entry) {
  if (entry.over) calls.delete(entry.sid)
  else calls.set(entry.sid, entry)
  draw()
}

export function showCall(person, line, name) {
  Object.assign(shown, { person, line, name })
  draw()
}

const current = () => [...calls.values()].findLast(({ person, line }) => person === shown.person && line === shown.line)

function draw() {
  const call = current()
  $("calling").hidden = !call
  document.body.toggleAttribute("data-calling", Boolean(call))
  if (call) drawHers(call)
  drawStaff(call, call?.phones.find(({ stage }) => stage))
  tick()
}

function drawHers(call) {
  $("calling").dataset.stage = call.stage
  $("calling").dataset.sid = call.sid
  $("calling-name").textContent = shown.name
  $("calling-hears").textContent = call.hears && `“${call.hears}”`
  $("calling-keys").querySelector('[data-move="speak"]').hidden = !(call.decides && call.stage === "beep")
  $("calling-keys").querySelector('[data-move="key"]').hidden = !(call.decides && call.stage === "recording")
}

function drawStaff(call, phone) {
  $("staff").hidden = !phone
  if (!phone) return
  $("staff").dataset.stage = phone.stage
  $("staff-number").textContent = phone.number
  $("staff-hears").textContent = phone.hears && `“${phone.hears}”`
  $("staff-hint").textContent = call.decides ? (HINTS[phone.stage] ?? "") : "This call goes by the chosen ending."
  const wanted = call.decides ? KEYS[phone.stage] : []
  const old = [...$("staff-keys").children].map(({ dataset }) => dataset.move).join()
  if (old !== wanted.map(([move]) => move).join()) $("staff-keys").replaceChildren(...wanted.map(key))
}

function key([move, words], place) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: words })
  button.className = move.endsWith("hang_up") ? "key key--end" : place ? "key" : "key key--calm"
  button.dataset.move = move
  return button
}

function tick() {
  const call = current()
  if (!call) return
  $("calling-stage").textContent = timed(STAGES[call.stage] ?? "", call)
  const phone = call.phones.find(({ stage }) => stage)
  if (!phone) return
  const words = phone.stage === "ringing" ? `Rings, shows ${phone.caller}` : STAFF_STAGES[phone.stage]
  $("staff-stage").textContent = timed(words, phone)
}

function timed(words, { stage, since }) {
  if (!TIMED.has(stage)) return words
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 - since))
  return `${words} · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

// A button that comes a moment after the call has ended does nothing.
async function press({ target }) {
  const move = target.closest("[data-move]")?.dataset.move
  const call = current()
  if (move && call) await moveCall(call.sid, move).catch(() => {})
}

$("calling").addEventListener("click", press)
$("staff").addEventListener("click", press)
setInterval(tick, 500)
