import { expect, test } from 'vitest'
import { is_training } from './training'

test('an area is for practice by its name alone, and no real one by accident', () => {
    expect(['training', 'training-worcestershire', 'training.2027'].map(is_training)).toEqual([true, true, true])
    expect(['worcestershire', 'worcestershire-training', 'trainings', ''].map(is_training)).toEqual([false, false, false, false])
})
