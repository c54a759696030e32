//! All followed streams of this node: starts their tasks, and passes news on to them.

#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicI64},
};

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use socketioxide::socket::Sid;
use tokio::sync::{broadcast::error::RecvError, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    AppendMany, Pushed, StreamSource, Together,
    grown::Grown,
    handle::{Command, Handle, News},
    own::OwnSockets,
    stream_rows,
    task::StreamTask,
};
use crate::{
    guards::Gate,
    infra::{db::Db, metrics::Metrics},
    problem::{Problem, codes},
    realtime::{
        Bus, Client, ServerEvent,
        bus::{self, Notice},
    },
    wire::{StreamId, UserId},
};

/// Streams asked about in one statement.
const COMPARED_AT_ONCE: usize = 500;

/// The handle; cheap to clone.
#[derive(Clone)]
pub struct Streams {
    pub(super) inner: Arc<Inner>,
}

/// The tasks of followed streams.
pub(super) type Tasks = HashMap<StreamId, Handle>;

pub(super) struct Inner {
    pub db: Db,
    pub metrics: Arc<Metrics>,
    pub own: OwnSockets,
    pub(super) grown: Grown,
    pub(super) bus: Bus,
    /// Knows whether this node has heard lately who may do what; nobody where there is only one.
    gate: Option<Arc<Gate>>,
    tasks: Mutex<Tasks>,
    tracker: TaskTracker,
    pub stop: CancellationToken,
}

impl Streams {
    pub fn new(db: Db, bus: Bus, metrics: Arc<Metrics>, stop: CancellationToken) -> Self {
        let (own, grown) = (OwnSockets::default(), Grown::default());
        let (tasks, tracker) = (Mutex::default(), TaskTracker::new());
        Self { inner: Arc::new(Inner { db, metrics, own, grown, bus, gate: None, tasks, tracker, stop }) }
    }

    /// Passes on nothing that isn't kept while this gate is out of date: a follower may have been removed by another
    /// node since. What is kept is read with who may read it.
    pub fn judged_by(mut self, gate: Arc<Gate>) -> Self {
        Arc::get_mut(&mut self.inner).expect("nobody has a copy of it yet").gate = Some(gate);
        self
    }

    /// Gathers appends that wait for the same stream. Stopping waits for those that were begun.
    pub fn together<W: AppendMany>(&self, work: W) -> Arc<Together<W>> {
        Together::new(work, self.inner.tracker.clone(), self.inner.metrics.clone())
    }

    /// After a commit: pushes to local followers and wakes the other nodes. Never waits.
    pub fn committed(&self, stream: StreamId, events: Vec<Pushed>) {
        let Some(newest) = events.last().map(|event| event.seq) else { return };
        self.inner.bus.tell(stream, bus::News::Grown(newest));
        self.inner.grown.here(stream, newest);
        self.inner.tell(stream, News::Committed(events));
    }

    /// After a commit that noted something in a person's own stream, up to this number. Never waits.
    pub fn noted(&self, user: UserId, seq: i64) {
        // To all: the nodes on which that person is connected follow no channel of the stream's own.
        self.inner.bus.notify(Notice::Noted { user, seq });
        self.inner.tell(user.into(), News::Grown(seq));
    }

    /// Wakes this node's followers of a stream: somebody has found that it reaches to here.
    pub(in crate::realtime) fn found(&self, stream: StreamId, seq: i64) {
        self.inner.tell(stream, News::Grown(seq));
    }

    /// Tells followers, on all nodes, something that isn't worth keeping; but none who has blocked its author.
    pub fn ephemeral<E: ServerEvent>(
        &self,
        stream: StreamId,
        event: &E,
        author: UserId,
        except: Option<Sid>,
    ) {
        let (name, payload) = (Cow::Borrowed(E::NAME), event.encode());
        let told = bus::News::Ephemeral { name: name.clone(), payload: payload.clone(), author };
        // Whom it isn't for is connected here.
        self.inner.bus.tell(stream, told);
        self.inner.tell(stream, News::Ephemeral { name, payload, author, except });
    }

    /// Begins to follow. What happens from now on is held back until [`Streams::release`], so that
    /// the client gets the answer to its joining before the first push.
    pub async fn follow(
        &self,
        stream: StreamId,
        client: &Arc<Client>,
        source: Arc<dyn StreamSource>,
    ) -> Result<(), Problem> {
        if !client.note_followed(stream) {
            return Err(Problem::of::<codes::TooManyFollowed>("Leave some conversations first."));
        }
        let (ready, waiting) = oneshot::channel();
        let sent = self.inner.start(stream, source, Command::Follow { client: client.clone(), ready });
        let followed = match sent {
            true => waiting.await.unwrap_or(false),
            false => false,
        };
        if followed {
            return Ok(());
        }
        client.note_left(stream);
        Err(Problem::of::<codes::Unavailable>("The conversation couldn't be joined; try again.")
            .retry_after(1))
    }

    /// Lets a follower's pushes go, from after `seen` on. `answer` runs first, and learns whether the
    /// client still follows: it may have been removed meanwhile.
    pub fn release(&self, stream: StreamId, sid: Sid, seen: i64, answer: impl FnOnce(bool) + Send + 'static) {
        let release = Command::Release { sid, seen, answer: Box::new(answer) };
        if let Err(Command::Release { answer, .. }) = self.inner.command(stream, release) {
            // The task has ended, and its followers with it.
            answer(false);
        }
    }

    pub fn unfollow(&self, stream: StreamId, sid: Sid) {
        // Without a task there is nobody to unfollow.
        _ = self.inner.command(stream, Command::Unfollow { sid });
    }

    /// Stops following on the client's own wish.
    pub fn leave(&self, stream: StreamId, client: &Client) {
        client.note_left(stream);
        self.unfollow(stream, client.sid());
    }

    /// Listens to the bus until told to stop; then ends the tasks.
    pub async fn run(self) {
        self.listen().await;
        self.inner.tasks().clear();
        self.inner.tracker.close();
        self.inner.tracker.wait().await;
    }

    async fn listen(&self) {
        let mut news = self.inner.bus.news();
        while let Some(heard) = self.inner.stop.run_until_cancelled(news.recv()).await {
            match heard {
                Ok((stream, bus::News::Grown(seq))) => self.inner.tell(stream, News::Grown(seq)),
                Ok((stream, bus::News::Ephemeral { name, payload, author })) => {
                    self.inner.tell(stream, News::Ephemeral { name, payload, author, except: None });
                }
                // Some were missed: the change feed finds what they were about.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Ends every task: how far the streams had got doesn't hold any more.
    pub(in crate::realtime) fn forget_all(&self) {
        let mut tasks = self.inner.tasks();
        tasks.drain().for_each(|(stream, _)| self.inner.bus.unfollow(stream));
        self.inner.metrics.streams.set(0);
    }

    /// Compares every stream that is followed here, people's own included, with the database, whatever was heard
    /// of it. One statement per 500, by primary key; none when none is followed.
    pub(in crate::realtime) async fn compare(&self) -> Result<(), DbErr> {
        let mut followed: HashSet<StreamId> = self.inner.tasks().keys().copied().collect();
        followed.extend(self.inner.own.users().into_iter().map(StreamId::from));
        let followed = Vec::from_iter(followed);
        for some in followed.chunks(COMPARED_AT_ONCE) {
            let heads: Vec<(StreamId, i64)> = stream_rows::Entity::find()
                .select_only()
                .columns([stream_rows::Column::Id, stream_rows::Column::LastSeq])
                .filter(stream_rows::Column::Id.is_in(some.iter().copied()))
                .into_tuple()
                .all(self.inner.db.reader())
                .await?;
            for (stream, head) in heads {
                self.inner.tell(stream, News::Grown(head));
            }
        }
        Ok(())
    }
}

impl Inner {
    /// Passes news on, if the stream is followed here.
    fn tell(self: &Arc<Self>, stream: StreamId, news: News) {
        let is_outdated = || self.gate.as_ref().is_some_and(|gate| !gate.is_current());
        if matches!(news, News::Ephemeral { .. }) && is_outdated() {
            return;
        }
        let mut tasks = self.tasks();
        match tasks.get(&stream) {
            Some(handle) => handle.tell(news),
            None => self.tell_own(&mut tasks, stream, news),
        }
    }

    /// Passes a command on, or gives it back when the stream isn't followed here.
    fn command(&self, stream: StreamId, command: Command) -> Result<(), Command> {
        match self.tasks().get(&stream) {
            Some(handle) => handle.command(command),
            None => Err(command),
        }
    }

    /// Passes a command on, starting a task if there is none, or if the one there was has died.
    fn start(self: &Arc<Self>, stream: StreamId, source: Arc<dyn StreamSource>, command: Command) -> bool {
        if self.stop.is_cancelled() {
            return false;
        }
        let mut tasks = self.tasks();
        let not_taken = match tasks.get(&stream) {
            Some(handle) => handle.command(command),
            None => Err(command),
        };
        let Err(command) = not_taken else { return true };
        let (handle, task) = StreamTask::new(stream, source, self.clone());
        let following = self.bus.follow(stream);
        let taken = handle.command(command).is_ok();
        self.begin(&mut tasks, stream, handle, task.run(Some(following)));
        taken
    }

    pub(super) fn begin(
        &self,
        tasks: &mut Tasks,
        stream: StreamId,
        handle: Handle,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.tracker.spawn(task);
        tasks.insert(stream, handle);
        self.metrics.streams.set(tasks.len() as i64);
    }

    /// Forgets an idle task, unless a command has reached it meanwhile. One that was forgotten before may go: the
    /// stream's task is another by now, or none.
    pub(super) fn retire(
        &self,
        stream: StreamId,
        grown: &Arc<AtomicI64>,
        is_idle: impl FnOnce() -> bool,
    ) -> bool {
        let mut tasks = self.tasks();
        if !tasks.get(&stream).is_some_and(|handle| handle.shares(grown)) {
            return true;
        }
        let idle = is_idle();
        if idle {
            tasks.remove(&stream);
            self.bus.unfollow(stream);
            self.metrics.streams.set(tasks.len() as i64);
        }
        idle
    }

    pub(super) fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
