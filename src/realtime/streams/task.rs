//! One followed stream: its cursor, its followers, and the order of everything they are pushed.

use std::{
    collections::HashMap,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sea_orm::EntityTrait;
use serde_json::value::RawValue;
use socketioxide::socket::Sid;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Pushed, StreamSource,
    handle::{Command, Handle, Inbox, News},
    hub::Inner,
    stream_rows,
    window::Window,
};
use crate::{
    infra::{
        deadline::in_time,
        metrics::{Counted, Metrics},
    },
    realtime::{Client, bus::Following, client::PushError},
    wire::{StreamId, UserId},
};

/// Events that may wait for a follower that is being answered.
const WINDOW: usize = 1024;
/// Events read at once.
const READ: u64 = 200;
/// Commits finish in one order and report in another: so long is the missing one waited for before
/// it is read. It also gathers the hints of a busy stream into one read.
const PATIENCE: Duration = Duration::from_millis(5);
/// Before reading again after a failure.
const RETRY: Duration = Duration::from_millis(500);
/// A stream that nobody follows is forgotten after this.
const LINGER: Duration = Duration::from_secs(30);

pub struct StreamTask {
    stream: StreamId,
    source: Arc<dyn StreamSource>,
    hub: Arc<Inner>,
    news: mpsc::Receiver<News>,
    commands: mpsc::UnboundedReceiver<Command>,
    grown: Arc<AtomicI64>,
    window: Window,
    followers: HashMap<Sid, Follower>,
    /// When to read what is missing.
    read_at: Option<Instant>,
}

struct Follower {
    client: Arc<Client>,
    /// It has everything up to here already.
    seen: i64,
    /// It was a member as of this place.
    admitted: i64,
    /// It waits for the answer to its joining, the first time or again.
    joining: bool,
    /// What it gets once its joining has been answered.
    held: Option<Vec<Pushed>>,
    /// Where its user left, while it was joining.
    removed_at: Option<i64>,
    _counted: Counted,
}

impl StreamTask {
    pub fn new(stream: StreamId, source: Arc<dyn StreamSource>, hub: Arc<Inner>) -> (Handle, Self) {
        let (handle, Inbox { news, commands, grown }) = Handle::new();
        let (window, followers, read_at) = (Window::default(), HashMap::new(), None);
        (handle, Self { stream, source, hub, news, commands, grown, window, followers, read_at })
    }

    /// Until nobody follows for a while, or the node stops.
    pub async fn run(mut self, following: Following) {
        // First, so that whatever is committed after the read is heard of.
        following.begun().await;
        // What was committed before this read is history, to be asked for; what comes after is pushed.
        let head = stream_rows::Entity::find_by_id(self.stream).one(self.hub.db.reader());
        match in_time(head).await {
            Ok(head) => self.window.skip_to(head.map_or(0, |row| row.last_seq)),
            Err(error) => {
                tracing::warn!(%error, stream = %self.stream, "a stream's head couldn't be read");
                // Dropping the queue tells those who wait in it.
                self.hub.retire(self.stream, || true);
                return;
            }
        }
        let mut linger = tokio::time::interval(LINGER);
        linger.reset();
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(news) = self.news.recv() => self.hear(news),
                () = wait(self.read_at) => self.read().await,
                _ = linger.tick() => {
                    self.followers.retain(|_, follower| follower.client.is_connected());
                    let (followers, commands) = (&self.followers, &self.commands);
                    if self.hub.retire(self.stream, || followers.is_empty() && commands.is_empty()) {
                        return;
                    }
                }
            }
            self.look_ahead();
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Committed(events) => events.into_iter().for_each(|event| self.arrive(event)),
            // Noted when it was told; what follows looks ahead.
            News::Grown(_) => {}
            News::Ephemeral { name, payload, except } => {
                self.push_all(&name, &payload, |follower| Some(follower.client.sid()) != except);
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Follow { client, ready } => {
                let follower = Follower::new(client, self.window.cursor(), &self.hub.metrics);
                let sid = follower.client.sid();
                // It may have been removed since it was noted that it follows.
                follower.client.note_followed(self.stream);
                // Joining again while following keeps the pushes going: the client sorts by number.
                self.followers.entry(sid).or_insert(follower).joining = true;
                if ready.send(true).is_err() {
                    self.followers.retain(|other, follower| *other != sid || follower.held.is_none());
                }
            }
            Command::Release { sid, seen, answer } => self.release(sid, seen, answer),
            Command::Unfollow { sid } => {
                self.followers.remove(&sid);
            }
        }
    }

    /// Pushes the event if it is next, and whatever has waited for it.
    fn arrive(&mut self, event: Pushed) {
        self.window.insert(event);
        while let Some(event) = self.window.next() {
            self.deliver(event);
        }
    }

    fn deliver(&mut self, event: Pushed) {
        let mut lost = Vec::new();
        for (sid, follower) in &mut self.followers {
            if event.seq <= follower.seen {
                continue;
            }
            let outcome = follower.take(&event);
            match outcome {
                Ok(true) => _ = self.hub.metrics.pushes.inc(),
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

    fn push_all(&mut self, name: &str, payload: &RawValue, to: impl Fn(&Follower) -> bool) {
        let live = self.followers.iter().filter(|(_, follower)| follower.held.is_none() && to(follower));
        let lost: Vec<_> = live
            .filter_map(|(sid, follower)| Some((*sid, follower.client.push(name, payload).err()?)))
            .collect();
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

    fn release(&mut self, sid: Sid, seen: i64, answer: Box<dyn FnOnce(bool) + Send>) {
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

    /// Notices that something is missing, and plans to read it.
    fn look_ahead(&mut self) {
        let behind = self.window.cursor() < self.grown.load(Ordering::Acquire) || self.window.has_gap();
        match (behind, self.read_at) {
            (true, None) => self.read_at = Some(Instant::now() + PATIENCE),
            (false, Some(_)) => self.read_at = None,
            _ => {}
        }
    }

    async fn read(&mut self) {
        self.read_at = None;
        let heard = self.grown.load(Ordering::Acquire);
        if self.followers.is_empty() {
            // Nobody to push to. Whoever follows next reads first what is there already.
            return self.window.skip_to(heard);
        }
        match in_time(self.source.pushed(self.stream, self.window.cursor(), READ)).await {
            Ok(events) if events.is_empty() => {
                // Nothing is missing after all. What was heard of while reading stays heard.
                self.window.forget_early();
                let cursor = self.window.cursor();
                _ = self.grown.compare_exchange(heard, cursor, Ordering::AcqRel, Ordering::Relaxed);
            }
            Ok(events) => events.into_iter().for_each(|event| self.arrive(event)),
            Err(problem) => {
                tracing::warn!(%problem, stream = %self.stream, "a stream couldn't be read");
                self.read_at = Some(Instant::now() + RETRY);
            }
        }
    }
}

impl Follower {
    fn new(client: Arc<Client>, seen: i64, metrics: &Metrics) -> Self {
        let _counted = Counted::in_gauge(&metrics.followers);
        let held = Some(Vec::new());
        Self { client, seen, admitted: 0, joining: true, held, removed_at: None, _counted }
    }

    /// Pushes, or holds back. Says whether something was sent.
    fn take(&mut self, event: &Pushed) -> Result<bool, PushError> {
        match &mut self.held {
            None => self.client.push(event.name, &event.payload).map(|()| true),
            Some(held) if held.len() < WINDOW => {
                held.push(event.clone());
                Ok(false)
            }
            Some(_) => Err(PushError::Lagging),
        }
    }
}

async fn wait(until: Option<Instant>) {
    match until {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}
