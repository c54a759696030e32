//! What a server that has stopped still holds: nothing, unless something leaks.

use std::{fmt, time::Duration};

/// What was still there when it should have been gone.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Leftovers {
    /// TCP connections, whatever they carry.
    pub connections: usize,
    /// Sockets that are still registered.
    pub sockets: usize,
    /// Followers of streams, although their sockets have closed.
    pub followers: usize,
    /// Tasks beside the requests that didn't end when told to.
    pub background: usize,
    /// Database connections that somebody still holds.
    pub database: usize,
}

impl Leftovers {
    /// Looks again and again, until nothing is left or the time is up.
    pub async fn after(within: Duration, look: impl Fn() -> Self) -> Self {
        let gone = async {
            let mut tick = tokio::time::interval(Duration::from_millis(10));
            while look() != Self::default() {
                tick.tick().await;
            }
        };
        match tokio::time::timeout(within, gone).await {
            Ok(()) => Self::default(),
            Err(_) => look(),
        }
    }
}

impl fmt::Display for Leftovers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, sockets, followers, background, database } = self;
        let all = [
            (connections, "open connection", "open connections"),
            (sockets, "registered socket", "registered sockets"),
            (followers, "follower of a stream without a socket", "followers of streams without sockets"),
            (background, "background task", "background tasks"),
            (database, "database connection in use", "database connections in use"),
        ];
        let left = all.iter().filter(|(count, ..)| **count > 0);
        let told =
            left.map(|(count, one, many)| format!("{count} {}", if **count == 1 { one } else { many }));
        f.write_str(&told.collect::<Vec<_>>().join(", "))
    }
}
