//! What each follower is pushed, and what becomes of one that can't be.

use serde_json::value::RawValue;
use socketioxide::socket::Sid;

use super::StreamTask;
use crate::{
    realtime::{
        Packet,
        client::PushError,
        streams::{Pushed, follower::Follower},
    },
    wire::UserId,
};

impl StreamTask {
    pub(super) fn deliver(&mut self, event: Pushed) {
        let (mut lost, mut hidden, mut without_quote) = (Vec::new(), None, None);
        let packet = event.packet();
        for (sid, follower) in &mut self.followers {
            if event.seq <= follower.seen {
                continue;
            }
            let has_blocked = |user: &UserId| follower.client.blocked.holds(*user);
            let other = match &event.quoting {
                _ if event.authors.iter().flatten().any(has_blocked) => {
                    Some(&*hidden.get_or_insert_with(|| self.source.hidden(self.stream, event.seq)))
                }
                Some((quoted, payload)) if has_blocked(quoted) => {
                    let cut_short = || Pushed { payload: payload.clone(), ..event.clone() };
                    Some(&*without_quote.get_or_insert_with(cut_short))
                }
                _ => None,
            };
            let taken = match other {
                None => follower.take(&event, &packet),
                Some(other) => follower.take(other, &other.packet()),
            };
            match taken {
                Ok(true) => {
                    follower.seen = event.seq;
                    self.hub.metrics.pushes.inc();
                }
                Ok(false) => {}
                Err(error) => lost.push((*sid, error)),
            }
        }
        self.drop_lost(lost);
        if let Some(user) = event.removes {
            self.remove(user, event.seq);
        }
    }

    /// This user left at this place. A follower that was a member further on has been added again since; one
    /// that is joining hears nothing until it is released, and is judged then, by how far it had read.
    fn remove(&mut self, user: UserId, seq: i64) {
        self.followers.retain(|_, follower| {
            if follower.client.user_id != user || follower.admitted >= seq {
                return true;
            }
            if follower.joining {
                follower.held.get_or_insert_default();
                follower.removed_at = Some(seq);
                return true;
            }
            follower.client.note_left(self.stream);
            false
        });
    }

    pub(super) fn push_all(&mut self, name: &str, payload: &RawValue, to: impl Fn(&Follower) -> bool) {
        let packet = Packet::new(name, payload);
        let live = self.followers.iter().filter(|(_, follower)| follower.held.is_none() && to(follower));
        let lost: Vec<_> =
            live.filter_map(|(sid, follower)| Some((*sid, follower.client.pass(&packet).err()?))).collect();
        self.drop_lost(lost);
    }

    /// A follower that doesn't read is cut, never skipped: it reconnects and asks for what it missed.
    fn drop_lost(&mut self, lost: Vec<(Sid, PushError)>) {
        for (sid, error) in lost {
            if let Some(follower) = self.followers.remove(&sid)
                && error == PushError::Lagging
            {
                follower.client.cut_lagging();
            }
        }
    }

    /// What comes up to here is no longer kept. Whoever lacks it is cut: it reconnects, and is told to begin anew.
    pub(super) fn pass_over(&mut self, gone: i64) {
        self.window.skip_to(gone);
        for (_, follower) in self.followers.extract_if(|_, follower| follower.seen < gone) {
            follower.client.cut();
        }
    }

    pub(super) fn release(&mut self, sid: Sid, seen: i64, answer: Box<dyn FnOnce(bool) + Send>) {
        let Some(follower) = self.followers.get_mut(&sid) else { return answer(false) };
        if follower.removed_at.is_some_and(|at| at > seen) {
            follower.client.note_left(self.stream);
            self.followers.remove(&sid);
            return answer(false);
        }
        answer(true);
        (follower.joining, follower.removed_at) = (false, None);
        follower.admitted = follower.admitted.max(seen);
        // Who joins again goes on as before: the answer may repeat what is pushed, nothing is left out.
        let Some(held) = follower.held.take() else { return };
        follower.seen = follower.seen.max(seen);
        let pushed = held.into_iter().try_for_each(|event| match event.seq > follower.seen {
            true => follower.client.push(event.name, &event.payload),
            false => Ok(()),
        });
        if let Err(error) = pushed {
            self.drop_lost(vec![(sid, error)]);
        }
    }
}
