import { expect, test } from 'vitest'
import { faults_of, request_of } from './request'

const given = {
    notification: 'n-1', status: 'given', giver: 'parent_pr', not_sought_reason: '', form: 'written', differ: ['child_and_parent_differ'], agencies: ['hub'], purpose: 'request_service',
    said_at: '2027-01-05T10:00:00.000Z', expires: '2027-07-05', sought_by: ' Head ', evidence: '',
}
test('each answer asks for what belongs to it, and for nothing else', () => {
    expect(faults_of(given)).toEqual({})
    const bare = { ...given, notification: '', status: '', giver: '', form: '', agencies: [], purpose: '', said_at: '', expires: '' }
    expect(Object.keys(faults_of(bare))).toEqual(['notification', 'status'])
    expect(Object.keys(faults_of({ ...bare, status: 'given' }))).toEqual(['notification', 'giver', 'form', 'purpose', 'agency', 'said_at'])
    expect(Object.keys(faults_of({ ...bare, status: 'refused' }))).toEqual(['notification', 'giver', 'form', 'said_at'])
    expect(Object.keys(faults_of({ ...bare, status: 'not_sought' }))).toEqual(['notification', 'not_sought_reason', 'said_at'])
    expect(faults_of({ ...given, said_at: '31 2 2027 10:00' })).toHaveProperty('said_at')
    expect(faults_of({ ...given, expires: '31 2 2027' })).toHaveProperty('expires')
})
test('what was answered before something else was chosen is not sent', () => {
    expect(request_of(given)).toEqual({
        status: 'given', notification: 'n-1', said_at: given.said_at, giver: 'parent_pr', form: 'written', other_holder_objects: false, child_and_parent_differ: true, purpose: 'request_service', named_agencies: ['hub'],
        // The end of that day in the United Kingdom, an hour ahead of UTC in summer.
        expires_at: '2027-07-05T22:59:00.000Z', sought_by: 'Head',
    })
    expect(request_of({ ...given, status: 'not_sought', not_sought_reason: 'cannot_be_contacted' })).toEqual({ status: 'not_sought', notification: 'n-1', said_at: given.said_at, not_sought_reason: 'cannot_be_contacted', sought_by: 'Head' })
    expect(request_of({ ...given, status: 'refused' })).not.toHaveProperty('named_agencies')
})
