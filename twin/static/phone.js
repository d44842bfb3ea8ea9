// The phone: whose it is, what it shows, and what its owner does with it.

import { changePlan, listen, loadPhone, loadThread, placeCall, readPicture, sendText } from "./api.js"
import { forgetCalls, hearCall, showCall } from "./calling.js"
import { drawEntry, drawPerson, putHook } from "./drawing.js"

const $ = (id) => document.getElementById(id)
const QUICK = { en: ["Hello?", "STOP", "START", "HELP"], es: ["¿Hola?", "STOP", "START", "HELP"] }
const PLAN_HINT = "Texts on their way are not changed; the next one follows the new plan."

const state = { numbers: [], people: [], unread: new Set(), drafts: new Map(), person: "", line: "", defaultPlan: "", atEnd: true }

const owner = () => state.people.find(({ number }) => number === state.person)
const here = (entry) => entry.person === state.person && entry.line === state.line

// News that comes while something is loaded waits: what was asked for first is older.
const held = []
let loads = 0

const inTurn = (tell) => (news) => (loads ? held.push(() => tell(news)) : tell(news))

async function loading(work) {
  loads += 1
  try {
    await work()
  } finally {
    loads -= 1
    while (!loads && held.length) held.shift()()
  }
}

const refresh = () => loading(loadAll)
const openPhone = (number) => loading(() => showPhone(number))

async function loadAll() {
  const phone = await loadPhone()
  Object.assign(state, { numbers: phone.numbers, people: phone.people, defaultPlan: phone.default_plan })
  state.person = remembered("person", state.people)
  state.line = remembered("line", state.numbers)
  drawPlans(phone.plans)
  drawEndings(phone.endings)
  forgetCalls()
  for (const entry of phone.calls) hearCall(entry)
  $("wire").replaceChildren()
  for (const hook of phone.wire) hearHook(hook)
  drawLines()
  await showPhone(state.person)
}

function remembered(key, rows) {
  const kept = state[key] || localStorage.getItem(key)
  return rows.find(({ number }) => number === kept)?.number ?? rows[0]?.number ?? ""
}

async function showPhone(number) {
  if ($("phone-text").value) state.drafts.set(state.person, $("phone-text").value)
  else state.drafts.delete(state.person)
  state.person = number
  state.unread.delete(number)
  localStorage.setItem("person", number)
  localStorage.setItem("line", state.line)
  $("phone-text").value = state.drafts.get(number) ?? ""
  drawPeople()
  drawOwner()
  const { entries } = await loadThread(number, state.line)
  if (number !== state.person) return
  showCall(number, state.line, $("center-name").textContent)
  $("thread").replaceChildren(...entries.map(drawEntry))
  if (!entries.length) $("thread").append(emptyNote())
  scrollDown()
}

function emptyNote() {
  const words = state.line ? "No texts yet. Write the first one below." : "No center's number is set up in this twin yet."
  return Object.assign(document.createElement("li"), { className: "thread__empty", textContent: words })
}

function drawPeople() {
  const focused = document.activeElement?.dataset?.person
  const rows = state.people.map((person, place) =>
    drawPerson(person, place, { current: person.number === state.person, unread: state.unread.has(person.number) }),
  )
  $("people").replaceChildren(...rows)
  if (focused) $("people").querySelector(`[data-person="${focused}"]`)?.focus()
}

function drawLines() {
  const options = state.numbers.map(({ number, name }) => new Option(name, number, false, number === state.line))
  $("line").replaceChildren(...options)
  $("line").hidden = state.numbers.length < 2
}

function drawOwner() {
  const line = state.numbers.find(({ number }) => number === state.line)
  const person = owner()
  $("center-name").textContent = line?.name ?? "No center"
  $("center-name").hidden = state.numbers.length > 1
  $("center-number").textContent = line?.shown ?? ""
  $("call-menu").hidden = !line?.calls
  $("plan-name").textContent = person?.name ?? ""
  $("plan").value = person?.plan ?? ""
  $("plan-hint").textContent = [person?.note && `${person.note}.`, PLAN_HINT].filter(Boolean).join(" ")
  $("quick").replaceChildren(...(QUICK[person?.language] ?? QUICK.en).map(quickButton))
}

function quickButton(words) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: words })
  button.dataset.quick = words
  button.addEventListener("click", () => send(words))
  return button
}

function drawPlans(plans) {
  const usual = new Option("As usual", "")
  usual.title = plans[state.defaultPlan] ?? state.defaultPlan
  $("plan").replaceChildren(usual, ...Object.entries(plans).map(([id, label]) => new Option(label, id)))
}

function drawEndings(endings) {
  const buttons = Object.entries(endings).map(([ending, label]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label })
    button.dataset.ending = ending
    button.addEventListener("click", () => call(ending))
    return button
  })
  $("endings").replaceChildren(...buttons)
}

function scrollDown() {
  state.atEnd = true
  $("thread").scrollTop = $("thread").scrollHeight
}

function hearEntry(entry) {
  if (!entry) return
  if (entry.type === "call") hearCall(entry)
  const person = state.people.find(({ number }) => number === entry.person)
  if (!person) return void refresh()
  if (!person.last || person.last.at <= entry.at) person.last = entry
  if (here(entry)) showEntry(entry)
  else if (!entry.mine && entry.state === "here") state.unread.add(entry.person)
  drawPeople()
}

function showEntry(entry) {
  const thread = $("thread")
  const old = thread.querySelector(`[data-sid="${entry.sid}"]`)
  thread.querySelector(".thread__empty")?.remove()
  const row = drawEntry(entry)
  row.classList.toggle("row--new", !old)
  if (old) old.replaceWith(row)
  else thread.append(row)
  if (state.atEnd || !old) scrollDown()
}

function hearHook(hook) {
  if (hook.sid) putHook($("wire"), hook)
  $("wire-empty").hidden = $("wire").children.length > 0
}

function hearPeople(people) {
  state.people = people
  drawPeople()
  drawOwner()
}

async function send(body, files = []) {
  if (state.line) await attempt(() => sendText(state.person, state.line, body, files))
}

async function call(ending) {
  $("call-menu").open = false
  await attempt(() => placeCall(state.person, state.line, ending))
}

async function attempt(act) {
  try {
    await act()
  } catch (problem) {
    showLive("off", problem.message)
  }
}

function showLive(how, words) {
  $("live").dataset.live = how
  $("live").textContent = words
}

function sendTyped() {
  const words = $("phone-text").value
  if (!words.trim() || !state.line) return
  $("phone-text").value = ""
  fit()
  send(words)
}

function fit() {
  const box = $("phone-text")
  box.rows = Math.min(5, box.value.split("\n").length + Math.floor(box.value.length / 40))
}

// A picture grows the thread after it was scrolled to its end, so the end is kept, not only reached.
$("thread").addEventListener("scroll", ({ target }) => {
  state.atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 80
})
$("thread").addEventListener("load", () => state.atEnd && scrollDown(), true)
$("thread").addEventListener("click", ({ target }) => {
  const url = target.closest("[data-enlarge]")?.dataset.enlarge
  if (!url) return
  $("enlarged-picture").src = url
  $("enlarged").showModal()
})
$("enlarged-close").addEventListener("click", () => $("enlarged").close())
$("people").addEventListener("click", ({ target }) => {
  const number = target.closest("[data-person]")?.dataset.person
  if (number) openPhone(number)
})
$("line").addEventListener("change", ({ target }) => {
  state.line = target.value
  openPhone(state.person)
})
$("plan").addEventListener("change", ({ target }) => attempt(() => changePlan(state.person, target.value)))
$("composer").addEventListener("submit", (event) => {
  event.preventDefault()
  sendTyped()
})
$("phone-text").addEventListener("input", fit)
$("phone-text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
  event.preventDefault()
  sendTyped()
})
$("phone-picture").addEventListener("change", async ({ target }) => {
  const files = await Promise.all([...target.files].map(readPicture))
  if (files.length) await send($("phone-text").value, files)
  $("phone-text").value = target.value = ""
})

listen({
  opened: async () => {
    await refresh()
    showLive("on", "Live")
  },
  closed: () => showLive("off", "Not connected, trying again"),
  message: inTurn(hearEntry),
  call: inTurn(hearEntry),
  webhook: inTurn(hearHook),
  people: inTurn(hearPeople),
  cleared: refresh,
})
