//! Nodes that share a Redis: one task a node says everything, and heals the connection.

mod hear;
mod people;

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, oneshot, watch},
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Condition,
    channel::Channel,
    ears::Ears,
    links::Links,
    outbox::{Batch, Outbox},
    peers::{BEAT, Peers},
    word::{News, Notice, ToAll},
};
use crate::{
    infra::{
        metrics::Metrics,
        redis::{Redis, RedisFault, Server},
    },
    wire::StreamId,
};

/// For Redis to take what it is told, and to answer. Then it counts as away.
const TAKEN_WITHIN: Duration = Duration::from_millis(300);
/// Longer than that, and the connection is given up.
const HUNG: Duration = Duration::from_secs(2);
/// Between two batches: what comes in between goes together, and of a busy stream's hints only the newest.
const PACE: Duration = Duration::from_millis(2);
/// Before connecting again: first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How often sentinels or cluster are asked whether the servers are still the same.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Channels subscribed to in one go.
const SUBSCRIBED_AT_ONCE: usize = 1000;

/// One of the nodes that share a Redis and a prefix.
#[derive(Clone)]
pub struct RedisBus(Arc<Inner>);

struct Inner {
    /// Its name; a node doesn't listen to itself.
    node: Uuid,
    redis: Redis,
    metrics: Arc<Metrics>,
    ears: Ears,
    outbox: Outbox,
    peers: Peers,
    condition: watch::Sender<Condition>,
}

impl RedisBus {
    pub fn new(redis: Redis, metrics: Arc<Metrics>) -> Self {
        let condition = watch::Sender::new(Condition::Away("it isn't connected yet".into()));
        let (ears, outbox, peers) = (Ears::default(), Outbox::default(), Peers::default());
        for channel in redis.emitter().into_iter().flat_map(Channel::of_emitters) {
            // Nobody waits for it.
            _ = outbox.follow(channel);
        }
        Self(Arc::new(Inner { node: Uuid::new_v4(), redis, metrics, ears, outbox, peers, condition }))
    }

    pub fn tell(&self, stream: StreamId, news: News) {
        let Inner { outbox, node, .. } = &*self.0;
        self.0.lost(match news {
            News::Grown(seq) => outbox.hint(stream, seq),
            News::Ephemeral { .. } => outbox.passing(Channel::Stream(stream), news.encode(*node)),
        });
    }

    pub fn notify(&self, notice: Notice) {
        let bytes = ToAll::Notice(notice).encode(self.0.node);
        self.0.lost(self.0.outbox.lasting(Channel::All, bytes));
    }

    pub fn follow(&self, stream: StreamId) -> Option<oneshot::Receiver<()>> {
        self.0.outbox.follow(Channel::Stream(stream))
    }

    pub fn unfollow(&self, stream: StreamId) {
        self.0.outbox.unfollow(Channel::Stream(stream));
    }

    /// To the adapters of the other nodes, now or never.
    pub fn tell_adapters(&self, channel: String, bytes: &[u8]) {
        let bytes = [self.0.node.as_bytes(), bytes].concat();
        self.0.lost(self.0.outbox.passing(Channel::Adapter(channel), bytes));
    }

    pub fn follow_adapter(&self, channel: String) {
        // Nobody waits for it.
        _ = self.0.outbox.follow(Channel::Adapter(channel));
    }

    pub fn unfollow_adapter(&self, channel: String) {
        self.0.outbox.unfollow(Channel::Adapter(channel));
    }

    pub fn hears_emitters(&self) -> bool {
        self.0.redis.emitter().is_some()
    }

    /// The nodes that are heard, and this one.
    pub fn nodes(&self) -> usize {
        match &*self.0.condition.borrow() {
            Condition::Away(_) => 1,
            Condition::Well | Condition::Unheard => self.0.peers.count() + 1,
        }
    }

    pub fn ears(&self) -> &Ears {
        &self.0.ears
    }

    pub fn condition(&self) -> watch::Receiver<Condition> {
        self.0.condition.subscribe()
    }

    /// Connects, says what is to be said, and begins anew when anything goes wrong.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = PAUSE.0;
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let Err(fault) = self.0.connection(&stop).await else { return };
            self.0.lost(self.0.outbox.disconnected());
            self.0.away(fault.to_string());
            if begun.elapsed() > PAUSE.1 * 5 {
                pause = PAUSE.0;
            }
            stop.run_until_cancelled(sleep_until(Instant::now() + pause)).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }
}

impl Inner {
    /// From connecting to the connection's end, which is `Ok` only when told to stop.
    async fn connection(self: &Arc<Self>, stop: &CancellationToken) -> Result<(), RedisFault> {
        let closed = Arc::new(Notify::new());
        let (this, closing) = (self.clone(), closed.clone());
        let hear = move |info| this.hear(info).unwrap_or_else(|| closing.notify_one());
        let Some(links) = stop.run_until_cancelled(Links::open(&self.redis, hear)).await else {
            return Ok(());
        };
        let mut links = links?;
        // Followed from now on is subscribed to by what follows; whatever was before, here.
        let channels = self.outbox.connected();
        for some in channels.chunks(SUBSCRIBED_AT_ONCE) {
            let mut errand = links.errand();
            some.iter().for_each(|channel| errand.subscribe(&links, channel, self.redis.prefix()));
            timeout(HUNG, links.run(errand)).await.map_err(|_| RedisFault::Late(HUNG))??;
        }
        self.metrics.bus_connections.inc();
        tracing::info!(subscriptions = channels.len(), "connected to Redis");
        let servers = links.servers.clone();
        let ended = async {
            tokio::select! {
                () = closed.notified() => RedisFault::Closed,
                fault = self.moved(servers) => fault,
            }
        };
        self.talk(links, ended, stop).await
    }

    /// Says what is to be said, and that this node is here.
    async fn talk(
        &self,
        mut links: Links,
        ended: impl Future<Output = RedisFault>,
        stop: &CancellationToken,
    ) -> Result<(), RedisFault> {
        let mut ended = pin!(ended);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let beats = tokio::select! {
                biased;
                () = stop.cancelled() => return self.take_leave(links).await,
                fault = &mut ended => return Err(fault),
                _ = beat.tick() => true,
                () = self.outbox.wake.notified() => false,
            };
            let said = Instant::now();
            let Batch { words, follow, unfollow, begun } = self.outbox.take();
            let count = words.len() as u64;
            let mut errand = links.errand();
            follow.iter().for_each(|channel| errand.subscribe(&links, channel, self.redis.prefix()));
            unfollow.iter().for_each(|channel| errand.unsubscribe(&links, channel, self.redis.prefix()));
            for (channel, word) in words {
                errand.publish(&links, &self.name(&channel), word.bytes(self.node));
            }
            if beats {
                errand.publish(&links, &self.name(&Channel::All), ToAll::Here.encode(self.node));
                errand.ping();
            }
            match timeout(TAKEN_WITHIN, links.run(errand)).await {
                Ok(done) => {
                    done.inspect_err(|_| self.lost(count))?;
                    self.metrics.bus_said.inc_by(count);
                }
                Err(_) => {
                    self.lost(count);
                    self.wait_for_answer(&mut links).await?;
                }
            }
            begun.into_iter().for_each(|waiting| _ = waiting.send(()));
            self.judge();
            sleep_until(said + PACE).await;
        }
    }

    /// It is late: it may be busy, or hung.
    async fn wait_for_answer(&self, links: &mut Links) -> Result<(), RedisFault> {
        self.away(RedisFault::Late(TAKEN_WITHIN).to_string());
        let mut errand = links.errand();
        errand.ping();
        timeout(HUNG, links.run(errand)).await.map_err(|_| RedisFault::Late(HUNG))?
    }

    /// Tells the others that they needn't wait for more.
    async fn take_leave(&self, mut links: Links) -> Result<(), RedisFault> {
        let mut errand = links.errand();
        errand.publish(&links, &self.name(&Channel::All), ToAll::Bye.encode(self.node));
        if !matches!(timeout(TAKEN_WITHIN, links.run(errand)).await, Ok(Ok(()))) {
            tracing::debug!("the other nodes couldn't be told that this one stops");
        }
        Ok(())
    }

    /// Resolves when the servers aren't these any more.
    async fn moved(&self, servers: Vec<Server>) -> RedisFault {
        if !self.redis.may_move() {
            return std::future::pending().await;
        }
        let mut tick = interval(LOOK_AGAIN);
        loop {
            tick.tick().await;
            match self.redis.locate().await {
                Ok(found) if found != servers => return RedisFault::Moved,
                Ok(_) => {}
                // What is connected still answers; that is what counts.
                Err(error) => tracing::debug!(%error, "nobody says where Redis is"),
            }
        }
    }

    /// Connected, it is well when everybody is heard.
    fn judge(&self) {
        let now = if self.peers.any_silent() { Condition::Unheard } else { Condition::Well };
        self.be(now);
    }

    fn away(&self, why: String) {
        // Once for each reason, the first included: nobody would know of a wrong password otherwise.
        if !matches!(&*self.condition.borrow(), Condition::Away(before) if *before == why) {
            tracing::warn!(why, "Redis is away; other nodes are told by the database alone");
        }
        self.peers.excuse();
        self.be(Condition::Away(why));
    }

    fn be(&self, now: Condition) {
        self.metrics.bus_well.set(i64::from(now == Condition::Well));
        self.condition.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
    }

    fn lost(&self, words: u64) {
        self.metrics.bus_lost.inc_by(words);
    }

    fn name(&self, channel: &Channel) -> String {
        channel.name(self.redis.prefix())
    }
}
