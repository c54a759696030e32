//! The people whom this node's sockets watch: where they are connected, and what each socket was shown.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use socketioxide::socket::Sid;
use uuid::Uuid;

use super::{
    roll::Found,
    state::{PresenceDto, Sight},
};
use crate::{
    realtime::{Client, Packet, ServerEvent},
    wire::UserId,
};

/// What another node has said is good for so long: a Redis that is away for a moment makes nobody go.
const GOOD_FOR: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Watched(Mutex<Table>);

#[derive(Default)]
struct Table {
    people: HashMap<UserId, Person>,
    of_sockets: HashMap<Sid, HashSet<UserId>>,
    /// Those of whom somebody may have to be told something.
    looks: HashSet<UserId>,
}

#[derive(Default)]
struct Person {
    /// What other nodes have said, and when: that they are there, or aren't.
    nodes: HashMap<Uuid, (bool, Instant)>,
    left_at: Option<DateTime<Utc>>,
    watchers: HashMap<Sid, Watcher>,
}

struct Watcher {
    client: Arc<Client>,
    /// Whether it was shown somebody who is connected; nothing before it was answered.
    shown: Option<bool>,
}

/// Who is watched by somebody now and wasn't before, and the other way round.
#[derive(Default)]
pub struct Change {
    pub begun: Vec<UserId>,
    pub ended: Vec<UserId>,
}

impl Watched {
    /// From now on a socket watches these people, and no others.
    pub fn set(&self, client: &Arc<Client>, users: &[UserId]) -> Change {
        let mut table = self.table();
        let wanted: HashSet<UserId> = users.iter().copied().collect();
        let before = match wanted.is_empty() {
            true => table.of_sockets.remove(&client.sid()),
            false => table.of_sockets.insert(client.sid(), wanted.clone()),
        };
        let dropped = before.unwrap_or_default().into_iter().filter(|user| !wanted.contains(user));
        let ended = dropped.filter(|user| table.leave(*user, client.sid())).collect();
        let mut begun = Vec::new();
        for user in wanted {
            let person = table.people.entry(user).or_default();
            if person.watchers.is_empty() {
                begun.push(user);
            }
            let watcher = Watcher { client: client.clone(), shown: None };
            person.watchers.insert(client.sid(), watcher);
        }
        Change { begun, ended }
    }

    /// A socket watches nobody any more.
    pub fn forget(&self, sid: Sid) -> Vec<UserId> {
        let mut table = self.table();
        let users = table.of_sockets.remove(&sid).unwrap_or_default();
        users.into_iter().filter(|user| table.leave(*user, sid)).collect()
    }

    /// Answers a socket with what it is shown from now on, in this order. What is pushed to it comes after.
    pub fn answer(
        &self,
        client: &Client,
        sights: &[Sight],
        is_here: impl Fn(UserId) -> bool,
        answer: impl FnOnce(Vec<PresenceDto>),
    ) {
        let mut table = self.table();
        let mut shown = Vec::with_capacity(sights.len());
        for sight in sights {
            let Some(person) = table.people.get_mut(&sight.watched) else { continue };
            let state = person.shows(sight, is_here(sight.watched));
            if let Some(watcher) = person.watchers.get_mut(&client.sid()) {
                watcher.shown = Some(state.online);
            }
            shown.push(state);
        }
        // Who may see whom was asked before the socket began to watch: once more, for what has changed since.
        table.looks.extend(sights.iter().map(|sight| sight.watched));
        answer(shown);
    }

    /// Says whether these are watched, while that stays so.
    pub fn align(&self, users: &[UserId], mut follow: impl FnMut(UserId, bool)) {
        let table = self.table();
        users.iter().for_each(|user| follow(*user, table.people.contains_key(user)));
    }

    /// Notes what a node says of a person, now.
    pub fn hear(&self, user: UserId, node: Uuid, here: bool, left_at: Option<DateTime<Utc>>) {
        self.table().change(user, |person| {
            person.nodes.insert(node, (here, Instant::now()));
            person.left_at = person.left_at.max(left_at);
        });
    }

    /// Something about this person is otherwise on this very node.
    pub fn turned(&self, user: UserId, left_at: Option<DateTime<Utc>>) {
        self.table().change(user, |person| person.left_at = person.left_at.max(left_at));
    }

    /// Notes what was read of the roll. What was heard since then is newer.
    pub fn learn(&self, users: &[UserId], found: Found, asked_at: Instant) {
        let mut table = self.table();
        for (node, has) in found {
            let has: HashSet<UserId> = has.into_iter().collect();
            for user in users {
                let here = has.contains(user);
                let Some(person) = table.people.get_mut(user) else { continue };
                let known = person.nodes.get(&node).copied();
                if known.is_some_and(|(_, at)| at >= asked_at) || (known.is_none() && !here) {
                    continue;
                }
                person.nodes.insert(node, (here, asked_at));
                if known.is_none_or(|(was, _)| was != here) {
                    table.looks.insert(*user);
                }
            }
        }
    }

    /// Forgets what is too old to be good.
    pub fn expire(&self, now: Instant) {
        let mut table = self.table();
        let Table { people, looks, .. } = &mut *table;
        for (user, person) in people {
            let before = person.nodes.len();
            person.nodes.retain(|_, (_, at)| now.saturating_duration_since(*at) < GOOD_FOR);
            if person.nodes.len() < before {
                looks.insert(*user);
            }
        }
    }

    /// Those of whom somebody may have to be told, each with those who watch; at most about so many pairs. Whoever isn't
    /// answered yet is answered with what is so then.
    pub fn take(&self, most: usize) -> Vec<(UserId, UserId)> {
        let mut table = self.table();
        let mut pairs = HashSet::new();
        while pairs.len() < most
            && let Some(user) = table.looks.iter().next().copied()
        {
            table.looks.remove(&user);
            let watchers = table.people.get(&user).into_iter().flat_map(|person| person.watchers.values());
            pairs.extend(watchers.map(|watcher| (user, watcher.client.user_id)));
        }
        pairs.into_iter().collect()
    }

    /// Tells whoever was shown something else, and lets go of those who share nothing any more.
    pub fn show(
        &self,
        asked: &[(UserId, UserId)],
        sights: &[Sight],
        is_here: impl Fn(UserId) -> bool,
    ) -> Vec<UserId> {
        let mut table = self.table();
        let sights: HashMap<_, _> =
            sights.iter().map(|sight| ((sight.watched, sight.watcher), sight)).collect();
        let (mut lost, mut ended) = (Vec::new(), Vec::new());
        for pair in asked {
            let (user, by) = *pair;
            let Some(person) = table.people.get_mut(&user) else { continue };
            let Some(sight) = sights.get(pair) else {
                let theirs = person.watchers.values().filter(|watcher| watcher.client.user_id == by);
                lost.extend(theirs.map(|watcher| (user, watcher.client.sid())));
                continue;
            };
            let state = person.shows(sight, is_here(user));
            let payload = state.encode();
            let packet = Packet::new(PresenceDto::NAME, &payload);
            for watcher in person.watchers.values_mut().filter(|watcher| watcher.client.user_id == by) {
                if watcher.shown.is_some_and(|shown| shown != state.online) {
                    watcher.shown = Some(state.online);
                    watcher.client.pass_or_cut(&packet);
                }
            }
        }
        for (user, sid) in lost {
            if let Some(users) = table.of_sockets.get_mut(&sid) {
                users.remove(&user);
            }
            if table.leave(user, sid) {
                ended.push(user);
            }
        }
        ended
    }

    /// Looks at this person again, or at everybody; and at whom the person's own sockets watch.
    pub fn look(&self, user: Option<UserId>) {
        let mut table = self.table();
        let Table { people, looks, .. } = &mut *table;
        looks.extend(
            people
                .iter()
                .filter(|(id, person)| {
                    user.is_none_or(|user| {
                        **id == user || person.watchers.values().any(|by| by.client.user_id == user)
                    })
                })
                .map(|(id, _)| *id),
        );
    }

    /// Couldn't be judged; to be looked at again.
    pub fn put_back(&self, pairs: &[(UserId, UserId)]) {
        self.table().looks.extend(pairs.iter().map(|(user, _)| *user));
    }

    pub fn all(&self) -> Vec<UserId> {
        self.table().people.keys().copied().collect()
    }

    /// Each change is a few steps that don't panic, so the table is whole.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn change(&mut self, user: UserId, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people.get_mut(&user) {
            change(person);
            self.looks.insert(user);
        }
    }

    /// Whether nobody watches this person any more.
    fn leave(&mut self, user: UserId, sid: Sid) -> bool {
        let Some(person) = self.people.get_mut(&user) else { return false };
        person.watchers.remove(&sid);
        let alone = person.watchers.is_empty();
        if alone {
            self.people.remove(&user);
        }
        alone
    }
}

impl Person {
    /// What a sight shows, with what was heard and isn't stored yet.
    fn shows(&self, sight: &Sight, is_here: bool) -> PresenceDto {
        let online = is_here || self.nodes.values().any(|(here, _)| *here);
        Sight { last_seen_at: sight.last_seen_at.max(self.left_at), ..*sight }.shows(online)
    }
}
