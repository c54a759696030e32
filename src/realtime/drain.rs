//! A node stops: its sockets are told to go elsewhere, some at a time, so that they don't all arrive there at once.

use std::{sync::Arc, time::Duration};

use rand::RngExt;
use serde_json::value::to_raw_value;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use super::{Client, Draining, ServerEvent, Sockets};

/// Sockets told at once, at least,
const WAVE: usize = 25;
/// and between two of these waves. Half of the time that there is goes to waves, the rest to who is late.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is looked who has finished.
const LOOK: Duration = Duration::from_millis(20);
/// For a client to take what it has been sent. Whoever doesn't catches up elsewhere.
const TAKEN_WITHIN: Duration = Duration::from_secs(1);
/// Milliseconds within which a client is told to come back, at random: at least, and at most.
const COME_BACK: (u32, u32) = (250, 1750);

impl Sockets {
    /// Tells everybody to go elsewhere, in waves. Whoever was told is finished with the events that have arrived, takes
    /// its answers, and is cut; until then everybody is served as ever. Events after that are refused: clients that never
    /// pause would be waited for in vain.
    ///
    /// Returns at `until` at the latest.
    pub async fn drain(&self, until: Instant) {
        let waves = until.saturating_duration_since(Instant::now()).as_millis() / PAUSE.as_millis() / 2;
        let size = self.count().div_ceil(usize::try_from(waves).unwrap_or(usize::MAX).max(1)).max(WAVE);
        let gone = async {
            let (mut wave, mut look) = (interval(PAUSE), interval(LOOK));
            // Two waves are never one, however busy the machine.
            wave.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let (mut going, mut are_more) = (Vec::new(), true);
            while are_more || !going.is_empty() {
                tokio::select! {
                    biased;
                    _ = wave.tick(), if are_more => {
                        // Those, too, who have come since the last wave.
                        let mut stay = self.select(|client| !client.mailbox.is_closed());
                        are_more = stay.len() > size;
                        stay.truncate(size);
                        stay.iter().for_each(|client| tell(client));
                        going.extend(stay.into_iter().map(|client| (Instant::now(), client)));
                    }
                    _ = look.tick() => {}
                }
                going.retain(|(told, client): &(Instant, Arc<Client>)| !is_cut(client, *told));
            }
        };
        if timeout_at(until, gone).await.is_err() {
            tracing::warn!("some socket events didn't finish in time");
        }
    }
}

/// Nothing more is taken of this client, and it is told so.
fn tell(client: &Client) {
    let retry_after_ms = rand::rng().random_range(COME_BACK.0..=COME_BACK.1);
    let notice = to_raw_value(&Draining { retry_after_ms }).expect("it is plain data");
    if client.push(Draining::NAME, &notice).is_err() {
        tracing::debug!(sid = %client.sid(), "couldn't be told about the drain");
    }
    client.mailbox.finish();
}

/// Cuts a client that has everything. Official clients connect again by themselves.
fn is_cut(client: &Client, told: Instant) -> bool {
    let is_done = client.mailbox.is_idle() && (client.outbox.is_empty() || told.elapsed() > TAKEN_WITHIN);
    if is_done {
        client.cut();
    }
    is_done || !client.is_connected()
}
