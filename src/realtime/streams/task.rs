//! One followed stream: its cursor, its followers, and the order of everything they are pushed.

mod pushing;

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
use socketioxide::socket::Sid;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Pushed, StreamSource,
    follower::Follower,
    handle::{Command, Handle, Inbox, News},
    hub::Inner,
    stream_rows,
    window::Window,
};
use crate::{
    infra::deadline::in_time,
    realtime::{Client, bus::Following},
    wire::StreamId,
};

/// Events read at once.
const READ: u64 = 200;
/// Commits finish in one order and report in another: so long is the missing one waited for before
/// it is read. And so long after a read there is no other: it gathers the hints of a busy stream into one.
const PATIENCE: Duration = Duration::from_millis(5);
/// Before reading again after a failure.
const RETRY: Duration = Duration::from_millis(500);
/// A stream that nobody follows is forgotten after this.
const LINGER: Duration = Duration::from_secs(30);
/// A person's own stream in which nothing happens. Beginning again costs one read.
const LINGER_OWN: Duration = Duration::from_secs(2);

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
    /// The newest number that others have told of. What they have committed doesn't come by itself.
    hinted: i64,
    /// Before then nothing is read.
    rests_until: Instant,
    /// Of a person's own stream: whoever is connected follows it, task or no task.
    own: bool,
}

impl StreamTask {
    pub fn new(stream: StreamId, source: Arc<dyn StreamSource>, hub: Arc<Inner>) -> (Handle, Self) {
        let (handle, Inbox { news, commands, grown }) = Handle::new();
        let task = Self {
            stream,
            source,
            hub,
            news,
            commands,
            grown,
            window: Window::default(),
            followers: HashMap::new(),
            read_at: None,
            hinted: 0,
            rests_until: Instant::now(),
            own: false,
        };
        (handle, task)
    }

    /// Of a person's own stream, pushed from after this number on.
    pub fn resumed(
        stream: StreamId,
        source: Arc<dyn StreamSource>,
        hub: Arc<Inner>,
        from: i64,
    ) -> (Handle, Self) {
        let (handle, mut task) = Self::new(stream, source, hub);
        task.own = true;
        task.window.skip_to(from);
        (handle, task)
    }

    /// Until nobody follows for a while, or the node stops.
    pub async fn run(mut self, following: Option<Following>) {
        // First, so that whatever is committed after the read is heard of.
        if let Some(following) = following {
            following.begun().await;
        }
        if !self.own && !self.find_head().await {
            // Dropping the queue tells those who wait in it.
            self.hub.retire(self.stream, &self.grown, || true);
            return;
        }
        let mut linger = tokio::time::interval(if self.own { LINGER_OWN } else { LINGER });
        linger.reset();
        loop {
            self.look_ahead();
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(news) = self.news.recv() => self.hear(news),
                () = wait(self.read_at) => self.read().await,
                _ = linger.tick() => {
                    self.followers.retain(|_, follower| follower.client.is_connected());
                    if self.hub.retire(self.stream, &self.grown, || self.may_rest()) {
                        return;
                    }
                }
            }
        }
    }

    /// What was committed before this read is history, to be asked for; what comes after is pushed.
    async fn find_head(&mut self) -> bool {
        let head = stream_rows::Entity::find_by_id(self.stream).one(self.hub.db.reader());
        let head = in_time(head).await.inspect_err(|error| {
            tracing::warn!(%error, stream = %self.stream, "a stream's head couldn't be read");
        });
        head.map(|head| self.window.skip_to(head.map_or(0, |row| row.last_seq))).is_ok()
    }

    /// Whether it isn't needed for now. The sockets of a person's own stream are told how far they have got.
    fn may_rest(&self) -> bool {
        if !self.own || !self.commands.is_empty() {
            return self.followers.is_empty() && self.commands.is_empty();
        }
        let rests = self.news.is_empty() && !self.is_behind();
        for follower in self.followers.values().filter(|_| rests) {
            follower.client.own.reach(follower.seen.max(self.window.cursor()));
        }
        rests
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Committed(events) => events.into_iter().for_each(|event| self.arrive(event)),
            // What follows looks ahead.
            News::Grown(seq) => self.hinted = self.hinted.max(seq),
            News::Ephemeral { name, payload, author, except } => {
                let is_for = |client: &Client| Some(client.sid()) != except && !client.blocked.holds(author);
                self.push_all(&name, &payload, |follower| is_for(&follower.client));
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
            Command::Attach { client, seen } => {
                // What it lacks and others have is read once more.
                self.grown.fetch_max(self.window.cursor(), Ordering::AcqRel);
                self.window.return_to(seen);
                let follower = Follower::attached(client, seen, &self.hub.metrics);
                self.followers.insert(follower.client.sid(), follower);
            }
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

    /// Notices that something is missing, and plans to read it.
    fn look_ahead(&mut self) {
        if !self.is_behind() {
            self.read_at = None;
            return;
        }
        let at = match self.hinted > self.window.cursor() {
            true => self.rests_until,
            false => Instant::now() + PATIENCE,
        };
        self.read_at = Some(self.read_at.map_or(at, |planned| planned.min(at)));
    }

    fn is_behind(&self) -> bool {
        self.window.cursor() < self.grown.load(Ordering::Acquire) || self.window.has_gap()
    }

    async fn read(&mut self) {
        self.read_at = None;
        self.rests_until = Instant::now() + PATIENCE;
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
                self.hinted = cursor;
                _ = self.grown.compare_exchange(heard, cursor, Ordering::AcqRel, Ordering::Relaxed);
            }
            Ok(events) => {
                if let Some(gone) = events.first().map(|first| first.seq - 1)
                    && gone > self.window.cursor()
                {
                    self.pass_over(gone);
                }
                events.into_iter().for_each(|event| self.arrive(event));
            }
            Err(problem) => {
                tracing::warn!(%problem, stream = %self.stream, "a stream couldn't be read");
                self.rests_until = Instant::now() + RETRY;
                self.read_at = Some(self.rests_until);
            }
        }
    }
}

async fn wait(until: Option<Instant>) {
    let Some(moment) = until else { return pending().await };
    sleep_until(moment).await;
}
