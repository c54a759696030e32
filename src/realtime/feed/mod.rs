//! The change feed: what anybody has stored, whoever told us of it, read at short intervals.
//!
//! One statement finds the streams that have grown and the people who have changed since the one before. It
//! wakes the streams' tasks, ends sockets, and tells the gate how long its memory is good. The bus is quicker,
//! but may lose what it was told; this is what the promises rest on.

mod look;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::look::{Look, News, Place};
use super::{BlocksPort, Bus, Client, Condition, Sockets, Streams};
use crate::{
    guards::{Gate, SessionPort},
    infra::{db::Db, metrics::Metrics},
    problem::{Problem, codes},
};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// The same while the bus is well: then it has told before.
const PAUSE_OF_WELL: Duration = Duration::from_secs(3);
/// For one look and what follows from it; after that it is tried anew, as on a connection that was lost
/// without a word.
const WITHIN: Duration = Duration::from_secs(4);
/// Everything is compared once in so long, whatever the looks have found: what is changed past the program
/// is no event.
const SWEEP: Duration = Duration::from_secs(60);

/// The feed of one node. Cheap to clone; runs once.
#[derive(Clone)]
pub struct Feed(Arc<FeedDeps>);

pub struct FeedDeps {
    pub db: Db,
    pub gate: Arc<Gate>,
    pub sessions: Arc<dyn SessionPort>,
    pub blocks: Arc<dyn BlocksPort>,
    pub sockets: Arc<Sockets>,
    pub streams: Streams,
    pub bus: Bus,
    pub metrics: Arc<Metrics>,
}

/// How far it has got.
#[derive(Default)]
struct Progress {
    /// Nothing at first, and after a failure: then everything is compared.
    place: Option<Place>,
    swept: Option<Instant>,
    /// The life of the database that was looked at last, whatever failed since.
    epoch: Option<Uuid>,
}

impl Feed {
    pub fn new(deps: FeedDeps) -> Self {
        Self(Arc::new(deps))
    }

    /// Looks again and again, until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut progress = Progress::default();
        let mut condition = self.0.bus.condition();
        let mut look = async || {
            let looked = timeout(WITHIN, self.look(&mut progress)).await;
            let too_late = |_| Err(Problem::of::<codes::Unavailable>("It took too long."));
            if let Err(problem) = looked.unwrap_or_else(too_late) {
                tracing::warn!(%problem, "what others have stored couldn't be read");
                progress = Progress { epoch: progress.epoch, ..Progress::default() };
            }
            let well = self.0.bus.can_tell() && self.0.bus.is_well() && progress.place.is_some();
            let pause = if well { PAUSE_OF_WELL } else { PAUSE };
            // At once when the bus has become better or worse. Else the time is up, which is no failure.
            _ = timeout(pause, turned(&mut condition)).await;
        };
        while stop.run_until_cancelled(look()).await.is_some() {}
    }

    /// Reads what is new and passes it on; only then it counts as read.
    async fn look(&self, progress: &mut Progress) -> Result<(), Problem> {
        let begun = Instant::now();
        let Look { place, epoch, news } = Look::from(&self.0.db, progress.place.as_ref()).await?;
        let news = match progress.epoch.replace(epoch) {
            Some(before) if before != epoch => {
                self.begin_anew();
                None
            }
            _ => news,
        };
        let swept_lately = progress.swept.is_some_and(|swept| swept.elapsed() < SWEEP);
        let told = news.is_some();
        match news {
            Some(news) => self.tell(news).await?,
            None => self.0.gate.all_changed(),
        }
        if !told || !swept_lately {
            self.sweep().await?;
            progress.swept = Some(begun);
        }
        progress.place = Some(place);
        self.0.gate.heard_until(begun);
        self.0.metrics.feed_looks.inc();
        Ok(())
    }

    async fn tell(&self, News { events, grown, changed }: News) -> Result<(), Problem> {
        self.0.metrics.feed_events.inc_by(events);
        // First who may be told, then what there is to tell.
        if !changed.is_empty() {
            self.0.gate.changed(&changed);
            self.0.sockets.compare(&*self.0.sessions, |client| changed.contains(&client.user_id)).await?;
        }
        let streams: HashSet<_> = grown.iter().map(|(stream, _)| *stream).collect();
        // Whatever it was that has happened to them: it is rare.
        let own_has_grown = |client: &Client| streams.contains(&client.user_id.into());
        self.0.sockets.read_blocks(&*self.0.blocks, own_has_grown).await?;
        self.0.streams.grown_elsewhere(grown.iter().copied());
        grown.into_iter().for_each(|(stream, seq)| self.0.streams.found(stream, seq));
        Ok(())
    }

    /// The database lives another life: nothing that anybody here has heard of it holds. Clients connect again by
    /// themselves, and are told so when they join.
    fn begin_anew(&self) {
        tracing::warn!("the database's epoch is another: every socket is cut, to begin anew");
        self.0.streams.forget_all();
        self.0.sockets.cut_all();
    }

    /// Compares everything that somebody here follows, and everybody who is connected, with the database.
    async fn sweep(&self) -> Result<(), Problem> {
        self.0.streams.compare().await?;
        self.0.sockets.read_blocks(&*self.0.blocks, |_| true).await?;
        self.0.sockets.compare(&*self.0.sessions, |_| true).await
    }
}

/// Waits until the bus has become better or worse: either way something may have been said to nobody.
async fn turned(condition: &mut watch::Receiver<Condition>) {
    if condition.changed().await.is_err() {
        // It has gone, and never will be otherwise.
        std::future::pending::<()>().await;
    }
}
