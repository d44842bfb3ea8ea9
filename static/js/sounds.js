// What a browser plays when something is new. Each sound is notes of [hertz, begins, lasts] in seconds, made on the
// spot: quiet, short, and like nothing that says what this is. A page that nobody has touched yet may play nothing.

const LOUD = 0.12 // of 1
const NOTES = {
  soft: [[523, 0, 0.5]],
  two: [[523, 0, 0.35], [659, 0.18, 0.45]],
  knock: [[180, 0, 0.09], [180, 0.16, 0.09]],
}

let output

export async function play(name) {
  const notes = NOTES[name]
  if (!notes) return
  output ??= new AudioContext()
  if (output.state !== "running") await Promise.race([output.resume(), new Promise((done) => setTimeout(done, 500))])
  if (output.state === "running") for (const note of notes) sing(...note)
}

function sing(hertz, begins, lasts) {
  const start = output.currentTime + begins
  const note = new OscillatorNode(output, { frequency: hertz })
  const loudness = new GainNode(output, { gain: 0 })
  loudness.gain.setValueAtTime(0, start)
  loudness.gain.linearRampToValueAtTime(LOUD, start + 0.02)
  loudness.gain.exponentialRampToValueAtTime(0.001, start + lasts)
  note.connect(loudness).connect(output.destination)
  note.start(start)
  note.stop(start + lasts)
}
