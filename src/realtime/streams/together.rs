//! Appends that wait for the same stream are committed together: a hot stream isn't bound by one commit each.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    slice,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures_util::FutureExt;
use sea_orm::DbErr;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use crate::{
    infra::{
        db::is_busy,
        deadline::in_time,
        metrics::{Counted, Metrics},
    },
    problem::{Problem, codes},
    wire::StreamId,
};

/// Appends of one commit, and the bytes they may hold together.
const MOST: usize = 128;
const MOST_BYTES: usize = 1024 * 1024;
/// Appends that may wait for one stream.
const MOST_WAITING: usize = 4096;

/// How a module appends what many have asked for.
#[async_trait]
pub trait AppendMany: Send + Sync + 'static {
    type Ask: Send + Sync + 'static;
    type Done: Send + 'static;
    type Error: From<Problem> + Send + 'static;

    /// Bytes that it holds.
    fn size(ask: &Self::Ask) -> usize;

    /// Appends in one transaction, in this order, and pushes; an outcome for each. An error says that nothing was
    /// stored; where that isn't known, because the COMMIT wasn't answered, it is the outcome of all.
    async fn append_many(&self, stream: StreamId, asks: &[Self::Ask]) -> Result<Vec<Outcome<Self>>, DbErr>;
}

/// What one who asks is answered.
pub type Outcome<W> = Result<<W as AppendMany>::Done, <W as AppendMany>::Error>;

/// The appends of one kind that wait, by stream.
pub struct Together<W: AppendMany> {
    work: W,
    tracker: TaskTracker,
    metrics: Arc<Metrics>,
    /// A stream is in here while a task works its appends off.
    queues: Mutex<HashMap<StreamId, VecDeque<Waiting<W>>>>,
}

struct Waiting<W: AppendMany> {
    ask: W::Ask,
    answer: oneshot::Sender<Outcome<W>>,
    _counted: Counted,
}

/// Where those who asked wait, in the same order.
type Answers<W> = Vec<oneshot::Sender<Outcome<W>>>;

/// Why an attempt came to nothing.
enum Failed {
    /// The database is away, or too slow: alone they would fare no better.
    Away(Problem),
    /// Something that one of them asks for is the matter.
    One(DbErr),
    Panicked,
}

impl<W: AppendMany> Together<W> {
    pub(super) fn new(work: W, tracker: TaskTracker, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { work, tracker, metrics, queues: Mutex::default() })
    }

    /// Appends, alone when nobody else waits for this stream, else together with them. Once its commit was begun,
    /// it goes on to its end even if whoever asked goes away.
    pub async fn append(self: &Arc<Self>, stream: StreamId, ask: W::Ask) -> Outcome<W> {
        let (answer, answered) = oneshot::channel();
        let _counted = Counted::in_gauge(&self.metrics.appends_waiting);
        if !self.queue(stream, Waiting { ask, answer, _counted }) {
            let problem = Problem::of::<codes::Overloaded>("Too many write here at once; try again shortly.");
            return Err(problem.retry_after(1).into());
        }
        match in_time(async { Ok::<_, Problem>(answered.await) }).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_gone)) => Err(unknown().into()),
            Err(given_up) => Err(given_up.into()),
        }
    }

    /// Queues it, and begins to work the queue off unless that is being done already.
    fn queue(self: &Arc<Self>, stream: StreamId, waiting: Waiting<W>) -> bool {
        let mut queues = self.queues();
        if let Some(queue) = queues.get_mut(&stream) {
            let has_room = queue.len() < MOST_WAITING;
            if has_room {
                queue.push_back(waiting);
            }
            return has_room;
        }
        queues.insert(stream, VecDeque::from([waiting]));
        self.tracker.spawn(self.clone().work_off(stream));
        true
    }

    async fn work_off(self: Arc<Self>, stream: StreamId) {
        while let Some((asks, answers)) = self.next(stream) {
            self.append_all(stream, asks, answers).await;
        }
    }

    /// Those that are done next; forgets the stream when there are none.
    fn next(&self, stream: StreamId) -> Option<(Vec<W::Ask>, Answers<W>)> {
        let mut queues = self.queues();
        let queue = queues.get_mut(&stream)?;
        // Nobody waits for these any more, and nothing of theirs was begun.
        queue.retain(|waiting| !waiting.answer.is_closed());
        if queue.is_empty() {
            queues.remove(&stream);
            return None;
        }
        let mut bytes = 0;
        let fit = |waiting: &&Waiting<W>| {
            bytes += W::size(&waiting.ask);
            bytes <= MOST_BYTES
        };
        let count = queue.iter().take(MOST).take_while(fit).count().max(1);
        Some(queue.drain(..count).map(|Waiting { ask, answer, .. }| (ask, answer)).unzip())
    }

    /// Together; when that fails, one by one: what the database doesn't take must not keep the others out.
    async fn append_all(&self, stream: StreamId, asks: Vec<W::Ask>, answers: Answers<W>) {
        let mut failed = match self.attempt(stream, &asks).await {
            Ok(outcomes) => {
                // Whoever has gone away needs no answer.
                return answers
                    .into_iter()
                    .zip(outcomes)
                    .for_each(|(answer, outcome)| _ = answer.send(outcome));
            }
            Err(failed) if asks.len() == 1 => Failed::Away(failed.into()),
            Err(failed) => failed,
        };
        for (ask, answer) in asks.iter().zip(answers) {
            if let Failed::Away(problem) = &failed {
                _ = answer.send(Err(problem.clone().into()));
                continue;
            }
            match self.attempt(stream, slice::from_ref(ask)).await {
                Ok(outcomes) => outcomes.into_iter().next().map_or((), |outcome| _ = answer.send(outcome)),
                Err(Failed::Away(problem)) => {
                    _ = answer.send(Err(problem.clone().into()));
                    failed = Failed::Away(problem);
                }
                Err(its_own) => _ = answer.send(Err(Problem::from(its_own).into())),
            }
        }
    }

    async fn attempt(&self, stream: StreamId, asks: &[W::Ask]) -> Result<Vec<Outcome<W>>, Failed> {
        let work = in_time(async { Ok::<_, Problem>(self.work.append_many(stream, asks).await) });
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(Ok(Ok(outcomes))) => Ok(outcomes),
            Ok(Ok(Err(error))) if is_busy(&error) => Err(Failed::Away(error.into())),
            Ok(Ok(Err(error))) => Err(Failed::One(error)),
            Ok(Err(given_up)) => Err(Failed::Away(given_up)),
            Err(_panic) => Err(Failed::Panicked),
        }
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<StreamId, VecDeque<Waiting<W>>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Away(problem) => problem,
            Failed::One(error) => error.into(),
            Failed::Panicked => Self::internal("appending to a stream panicked"),
        }
    }
}

/// The answer when nobody can say whether a COMMIT was done.
pub fn unknown() -> Problem {
    let detail = "Whether it was stored isn't known. Ask for the same again, with the same id.";
    Problem::of::<codes::Unavailable>(detail).retry_after(1)
}
