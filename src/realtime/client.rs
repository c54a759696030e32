//! One authenticated socket.

mod sending;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use engineioxide::Direct;
use socketioxide::{TransportType, extract::SocketRef, socket::Sid};
use uuid::Uuid;

use super::{
    Adapter, Revoked, ServerEvent, blocked::Blocked, limits::SocketLimits, mailbox::Mailbox, outbox::Outbox,
    parser::Parser, streams::OwnPlace,
};
use crate::{
    guards::Principal,
    wire::{SessionId, StreamId, UserId},
};

/// Streams that one socket may follow at once.
const MAX_FOLLOWED: usize = 1000;

/// That somebody types is passed on once in this time, for each conversation.
const TYPING_EVERY: Duration = Duration::from_secs(1);

/// What was last passed on of a user's typing in a conversation.
#[derive(Debug, Default)]
struct Typing {
    begun: Option<Instant>,
    goes_on: bool,
}

/// A connected socket whose user is known.
pub struct Client {
    /// Sorts by when it connected, among those of all nodes.
    pub(super) serial: Uuid,
    pub user_id: UserId,
    pub session_id: SessionId,
    socket: SocketRef<Adapter>,
    /// The way to it for what others are sent as well.
    direct: Direct,
    parser: Parser,
    pub(super) outbox: Arc<Outbox>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) limits: SocketLimits,
    /// Where it is in its user's own stream.
    pub(super) own: OwnPlace,
    /// Whom its user has blocked.
    pub blocked: Blocked,
    /// When its access token expires; renewing moves it. Unix seconds.
    expires_at: AtomicI64,
    /// Set first when a session ends: from then on nothing goes in or out, even while closing is stuck.
    revoked: AtomicBool,
    followed: Mutex<HashMap<StreamId, Typing>>,
    /// Whether it is in rooms at all; nobody else needs them, and each costs memory.
    in_rooms: bool,
    /// Found disconnected once.
    found_gone: AtomicBool,
}

/// Why something couldn't be pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushError {
    /// It has disconnected or its session has ended.
    Gone,
    /// It doesn't read what it is sent.
    Lagging,
}

impl Client {
    pub(super) fn new(
        socket: SocketRef<Adapter>,
        outbox: Arc<Outbox>,
        limits: SocketLimits,
        principal: Principal,
        expires_at: DateTime<Utc>,
        in_rooms: bool,
        own: OwnPlace,
    ) -> Self {
        let Principal { user_id, session_id, .. } = principal;
        let first = socket.req_parts();
        let parser = Parser::of(&first.uri).unwrap_or(Parser::Json);
        let direct = first.extensions.get::<Direct>().expect("every session has one").clone();
        Self {
            serial: Uuid::now_v7(),
            user_id,
            session_id,
            socket,
            direct,
            parser,
            mailbox: Arc::new(Mailbox::new(outbox.clone())),
            outbox,
            limits,
            own,
            blocked: Blocked::default(),
            expires_at: AtomicI64::new(expires_at.timestamp()),
            revoked: AtomicBool::new(false),
            followed: Mutex::default(),
            in_rooms,
            found_gone: AtomicBool::new(false),
        }
    }

    /// What it was sent and hasn't taken.
    pub fn outbox(&self) -> Arc<Outbox> {
        self.outbox.clone()
    }

    pub fn sid(&self) -> Sid {
        self.socket.id
    }

    pub(super) fn is_websocket(&self) -> bool {
        self.socket.transport_type() == TransportType::Websocket
    }

    /// Its session has to live, too: a socket whose session ends just as it connects is told so before, and says that it
    /// is connected for ever.
    pub fn is_connected(&self) -> bool {
        self.socket.connected() && !self.direct.is_closed()
    }

    /// Whether it is found disconnected for the second time: the first time it may be connecting still.
    pub(super) fn was_gone_before(&self) -> bool {
        !self.is_connected() && self.found_gone.swap(true, Ordering::Relaxed)
    }

    /// Ends the connection beneath it. Official clients connect again by themselves and catch up.
    pub fn cut(&self) {
        self.outbox.cut();
    }

    /// Ends the connection of a client that doesn't read what it is sent. It reconnects and catches up.
    pub(super) fn cut_lagging(&self) {
        self.outbox.lagging();
    }

    pub fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Acquire)
    }

    /// Ends it for good: nothing passes from now on, it is told why, and it is disconnected so that
    /// official clients don't come back by themselves.
    pub(super) fn revoke(&self, reason: &str) {
        if self.revoked.swap(true, Ordering::AcqRel) {
            return;
        }
        self.mailbox.close();
        self.outbox.close();
        let told = self.socket.emit(Revoked::NAME, &Revoked { reason: reason.into() });
        let closed = self.socket.clone().disconnect();
        if told.is_err() || closed.is_err() {
            self.cut();
        }
    }

    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        now.timestamp() >= self.expires_at.load(Ordering::Relaxed)
    }

    /// Goes on until this moment, if that is later; says until when.
    pub fn renew(&self, expires_at: DateTime<Utc>) -> DateTime<Utc> {
        let before = self.expires_at.fetch_max(expires_at.timestamp(), Ordering::Relaxed);
        expires_at.max(DateTime::from_timestamp(before, 0).unwrap_or_default())
    }

    /// Notes that it follows a stream; says no when it follows too many.
    pub(super) fn note_followed(&self, stream: StreamId) -> bool {
        let mut followed = self.followed();
        let room = followed.len() < MAX_FOLLOWED;
        followed.contains_key(&stream) || (room && followed.insert(stream, Typing::default()).is_none())
    }

    pub(super) fn note_left(&self, stream: StreamId) {
        self.followed().remove(&stream);
        if self.in_rooms {
            self.socket.leave(stream.to_string());
        }
    }

    /// Is in the rooms that emitters know it by: its user's, and one that has only itself.
    pub(super) fn enter_own_rooms(&self) {
        if self.in_rooms {
            self.socket.join([format!("user:{}", self.user_id), self.sid().to_string()]);
        }
    }

    /// Has been admitted to what this stream is about, so emitters reach it there.
    pub(super) fn enter_room(&self, stream: StreamId) {
        if self.in_rooms && self.is_connected() {
            self.socket.join(stream.to_string());
        }
    }

    /// Whether it has joined this stream.
    pub fn follows(&self, stream: StreamId) -> bool {
        self.followed().contains_key(&stream)
    }

    pub(super) fn take_followed(&self) -> impl Iterator<Item = StreamId> + use<> {
        std::mem::take(&mut *self.followed()).into_keys()
    }

    /// Whether to pass on that its user begins, or stops, to type here: beginnings at most once a second, and an end
    /// for each.
    pub fn may_say_typing(&self, stream: StreamId, is_typing: bool) -> bool {
        let mut followed = self.followed();
        let Some(typing) = followed.get_mut(&stream) else { return false };
        let passes = match is_typing {
            true => typing.begun.is_none_or(|begun| begun.elapsed() >= TYPING_EVERY),
            false => typing.goes_on,
        };
        if passes {
            typing.goes_on = is_typing;
            typing.begun = if is_typing { Some(Instant::now()) } else { typing.begun };
        }
        passes
    }

    /// Each change is a single step, so it is whole even after a panic.
    fn followed(&self) -> MutexGuard<'_, HashMap<StreamId, Typing>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
