// A short sound and the browser's own notification, without any content. Muted or not is kept in memory: a desk that is opened
// again is muted until somebody says otherwise.
import { create_store } from './store'

export const sound = create_store(false)
let context: AudioContext | null = null

export function switch_sound(on: boolean): void {
    // A browser only lets a page make a sound after the person has done something: this is that moment.
    if (on) context ??= new AudioContext()
    sound.set(on)
}
export function alert_people(count: number): void {
    const words = count === 1 ? '1 new alert' : `${count} new alerts`
    if (sound.get() && context !== null) {
        const tone = context.createOscillator()
        const volume = context.createGain()
        volume.gain.value = 0.1
        tone.connect(volume).connect(context.destination)
        tone.frequency.value = 660
        tone.start()
        tone.stop(context.currentTime + 0.3)
    }
    if ('Notification' in window && Notification.permission === 'granted' && document.hidden) new Notification(`Safeguarding desk: ${words}`)
}
