// The mailbox of the trial: what came, newest first. Words are put in as text, never as markup.

import { listen, loadMails } from "./api.js"

const list = document.getElementById("mails")
const empty = document.getElementById("mail-empty")
const live = document.getElementById("live")
const row = document.getElementById("mail-row")

function draw(mail) {
  const item = row.content.cloneNode(true)
  const moment = new Date(mail.at * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })
  item.querySelector(".mail__subject").textContent = mail.subject
  item.querySelector(".mail__to").textContent = `To ${mail.to.join(", ")} · ${moment}`
  item.querySelector(".mail__body").textContent = mail.body.trim()
  return item
}

async function show() {
  const { mails } = await loadMails()
  list.replaceChildren(...mails.map(draw))
  empty.hidden = mails.length > 0
}

function say(state, words) {
  live.dataset.live = state
  live.textContent = words
}

listen({
  opened: () => {
    say("on", "Live")
    show()
  },
  closed: () => say("off", "Not connected"),
  mail: show,
})
