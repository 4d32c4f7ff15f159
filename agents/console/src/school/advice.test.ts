import { expect, test } from 'vitest'
import type { Catalogue } from '../shared/catalogue'
import { to_do_today } from './advice'

const catalogue = { words: { to_do_today: [{ code: 'missing_episode_started.1', title: 'Ring' }, { code: 'missing_episode_started.2', title: 'Ask' }, { code: 'missing_episode_started_again.1', title: 'No' }, { code: 'any.1', title: 'Read' }] } } as unknown as Catalogue

test('what this type asks for comes first, then what every notice asks for, in the order of the catalogue', () => {
    expect(to_do_today(catalogue, 'missing_episode_started')).toEqual(['Ring', 'Ask', 'Read'])
    expect(to_do_today(catalogue, 'referral')).toEqual(['Read'])
    expect(to_do_today(null, 'referral')).toEqual([])
    expect(to_do_today({ words: {} } as unknown as Catalogue, 'referral')).toEqual([])
})
