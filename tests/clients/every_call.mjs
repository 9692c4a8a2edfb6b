// Sends one of every call with Segment's own client for Node: `node every_call.mjs HOST KEY USER`.
// Prints the messages that the client made and what it could not send, as JSON.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, userId] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushAt: 4, flushInterval: 200, maxRetries: 8 })
const errors = []
analytics.on('error', (error) => errors.push(String(error.reason ?? error.code ?? error)))
const messages = []
const sent = (call, message) => new Promise((resolve) => {
  analytics[call](message, (error, context) => {
    if (error) errors.push(String(error))
    else messages.push({ type: context.event.type, messageId: context.event.messageId })
    resolve()
  })
})

const anonymousId = `${userId}-visitor`
const calls = [
  sent('page', { anonymousId, name: 'Landing', properties: { path: '/' } }),
  sent('identify', { userId, traits: { plan: 'trial', seats: 7, email: 'ada@example.com', $add: { logins: 1 } } }),
  sent('alias', { userId, previousId: anonymousId }),
  sent('track', { userId, event: 'Domain Added', properties: { domain: 'example.com' } }),
  sent('track', { userId, event: 'Domain Added', properties: { domain: 'old.example' }, timestamp: new Date(1.7e12) }),
  sent('page', { userId, name: 'Domains', properties: { path: '/domains' } }),
  sent('screen', { userId, name: 'Domains', properties: { dark: true } }),
  sent('group', { userId, groupId: 'acme', traits: { industry: 'healthcare' } }),
]
await analytics.flush({ timeout: 30000 })
await Promise.all(calls)
await analytics.closeAndFlush({ timeout: 30000 })
console.log(JSON.stringify({ messages, errors }))
