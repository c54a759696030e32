//! Who may no longer do what: told to this node's sockets and to the other nodes, and heard from them.

use std::{collections::HashSet, sync::Arc};

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::{Addresses, Bus, Census, Presence, Sockets, Streams, bus::Notice};
use crate::{
    guards::{Gate, SessionWatcher},
    wire::{SessionId, UserId},
};

/// What this node decides, told: to its sockets at once, to the other nodes as soon as possible.
pub struct Notices {
    pub sockets: Arc<Sockets>,
    pub bus: Bus,
}

impl SessionWatcher for Notices {
    fn ended(&self, sessions: &[SessionId], reason: &str) {
        if sessions.is_empty() {
            return;
        }
        self.sockets.end(sessions, reason);
        self.bus.notify(Notice::Ended { sessions: sessions.to_vec(), reason: reason.to_owned() });
    }

    fn changed(&self, user: UserId) {
        self.bus.notify(Notice::Changed { user });
    }
}

impl Notices {
    /// Somebody has blocked somebody, or takes it back.
    pub fn blocked(&self, blocker: UserId, blocked: UserId, is_blocked: bool) {
        self.sockets.block(blocker, blocked, is_blocked);
        self.bus.notify(Notice::Blocked { blocker, blocked, is_blocked });
    }

    /// Until told to stop: what other nodes have decided reaches the gate's memory and the sockets here.
    pub async fn heed(
        self: Arc<Self>,
        gate: Arc<Gate>,
        streams: Streams,
        census: Arc<Census>,
        presence: Presence,
        addresses: Arc<Addresses>,
        stop: CancellationToken,
    ) {
        let mut notices = self.bus.notices();
        while let Some(heard) = stop.run_until_cancelled(notices.recv()).await {
            match heard {
                Ok(Notice::Ended { sessions, reason }) => {
                    gate.ended(&sessions);
                    self.sockets.end(&sessions, &reason);
                }
                Ok(Notice::Has(has)) => census.hear(has),
                Ok(Notice::Blocked { blocker, blocked, is_blocked }) => {
                    self.sockets.block(blocker, blocked, is_blocked);
                }
                Ok(Notice::Crowds(crowds)) => addresses.hear(crowds),
                Ok(Notice::Changed { user }) => gate.changed(&HashSet::from([user])),
                Ok(Notice::Noted { user, seq }) => streams.found(user.into(), seq),
                Ok(Notice::Grown(streams_there)) => streams.grown_elsewhere(streams_there),
                Ok(Notice::Look { user }) => presence.look(Some(user)),
                // Whom they were about isn't known; the change feed finds it.
                Err(RecvError::Lagged(_)) => {
                    gate.all_changed();
                    presence.look(None);
                }
                Err(RecvError::Closed) => return,
            }
        }
    }
}
