// What the page asks of the twin, and how it hears news.

async function ask(path, options) {
  const response = await fetch(path, options)
  const data = await response.json()
  if (!response.ok) throw new Error(data.error ?? `The twin answered ${response.status}.`)
  return data
}

const post = (path, data) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) })

export const loadPhone = () => ask("/twin/phone")
export const loadMails = () => ask("/twin/mails")
export const loadThread = (person, line) => ask(`/twin/thread?${new URLSearchParams({ person, line })}`)
export const sendText = (from, to, body, media = []) => post("/twin/send", { from, to, body, media, wait: false })
export const placeCall = (from, to, ending) => post("/twin/call", { from, to, ending, wait: false })
export const moveCall = (sid, move) => post(`/twin/call/${sid}`, { move })
export const changePlan = (number, plan) => post("/twin/people", { number, plan })

export async function readPicture(file) {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ""
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return { content_type: file.type, data: btoa(text) }
}

// `opened` is called at the start and after every reconnect: what was missed must be loaded again.
export function listen({ opened, closed, ...heard }) {
  const source = new EventSource("/twin/events")
  source.onopen = opened
  source.onerror = closed
  for (const [kind, tell] of Object.entries(heard)) {
    source.addEventListener(kind, ({ data }) => tell(JSON.parse(data)))
  }
}
