//! A TCP proxy that misbehaves on command: between client and app, or between app and database.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::eventually;

/// What is wrong with the network; the default is nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Weather {
    /// New connections are reset.
    refuses: bool,
    /// Nothing arrives, in this direction, of what is sent.
    stalls_up: bool,
    stalls_down: bool,
    /// Before every piece that passes, in either direction.
    latency: Duration,
    /// Bytes a second, in either direction; 0 is no limit.
    rate: u32,
    /// Connections made before it was raised are lost for good: nobody is told, and nothing passes.
    lost: u32,
    /// Connections are ended when it is raised.
    cut: u32,
    /// With a reset, or as if either side had hung up.
    resets: bool,
    /// An answer in which connections are cut, while there are cuts left.
    cuts_inside: Option<&'static [u8]>,
}

/// Listens, and passes on to another address. On threads of its own, so that it goes on while a test blocks.
pub struct Proxy {
    /// To connect to instead.
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
    cuts_left: Arc<AtomicU32>,
    connections: TaskTracker,
    stop: CancellationToken,
}

impl Proxy {
    /// In front of this address.
    pub async fn before(target: SocketAddr) -> Self {
        let (weather, seen) = watch::channel(Weather::default());
        let (connections, stop) = (TaskTracker::new(), CancellationToken::new());
        let (tell, told) = tokio::sync::oneshot::channel();
        let cuts_left = Arc::<AtomicU32>::default();
        let (tracker, until, cuts) = (connections.clone(), stop.clone(), cuts_left.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be built").block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
                let address = listener.local_addr().expect("a listener has an address");
                tell.send(address).expect("the test waits for the address");
                until.run_until_cancelled(accept(listener, target, seen, cuts, tracker)).await;
            });
        });
        let address = told.await.expect("it starts");
        Self { address, weather, cuts_left, connections, stop }
    }

    /// Resets every connection, as a process that dies does.
    pub fn cut(&self) {
        self.change(|weather| (weather.cut, weather.resets) = (weather.cut + 1, true));
    }

    /// Ends every connection in good order, as a process that stops does.
    pub fn hang_up(&self) {
        self.change(|weather| (weather.cut, weather.resets) = (weather.cut + 1, false));
    }

    /// Resets new connections; those that are open go on.
    pub fn refuse(&self) {
        self.change(|weather| weather.refuses = true);
    }

    /// Lets nothing through, and says nothing about it; new connections are taken and wait, too.
    pub fn stall(&self) {
        self.change(|weather| (weather.stalls_up, weather.stalls_down) = (true, true));
    }

    /// Half open: what the client sends arrives, and what it is answered doesn't.
    pub fn stall_answers(&self) {
        self.change(|weather| weather.stalls_down = true);
    }

    /// Forgets the connections that are open, as a firewall does; new ones are served.
    pub fn lose_open(&self) {
        self.change(|weather| weather.lost += 1);
    }

    pub fn delay(&self, latency: Duration) {
        self.change(|weather| weather.latency = latency);
    }

    /// The next so many connections over which this is answered are cut in the middle of it.
    pub fn cut_inside(&self, answer: &'static [u8], times: u32) {
        self.cuts_left.store(times, Ordering::Relaxed);
        self.change(|weather| weather.cuts_inside = Some(answer));
    }

    /// Waits until all of them have been cut.
    pub async fn has_cut(&self) {
        eventually(async || (self.cuts_left.load(Ordering::Relaxed) == 0).then_some(())).await;
    }

    /// Passes no more than this many bytes a second.
    pub fn narrow(&self, rate: u32) {
        self.change(|weather| weather.rate = rate);
    }

    /// Everything is well again, but for what was cut or lost.
    pub fn heal(&self) {
        self.change(|weather| {
            *weather = Weather { cut: weather.cut, lost: weather.lost, ..Weather::default() };
        });
    }

    /// Waits until this many connections are open.
    pub async fn carries(&self, count: usize) {
        eventually(async || (self.connections.len() == count).then_some(())).await;
    }

    fn change(&self, change: impl FnOnce(&mut Weather)) {
        self.weather.send_modify(change);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    target: SocketAddr,
    weather: watch::Receiver<Weather>,
    cuts_left: Arc<AtomicU32>,
    tracker: TaskTracker,
) {
    loop {
        let (near, _) = listener.accept().await.expect("connections can be accepted");
        let now = *weather.borrow();
        if now.refuses {
            near.set_zero_linger().expect("the connection is open");
            continue;
        }
        tracker.spawn(carry(near, target, now, weather.clone(), cuts_left.clone()));
    }
}

/// One connection, to its end.
async fn carry(
    mut near: TcpStream,
    target: SocketAddr,
    began: Weather,
    mut weather: watch::Receiver<Weather>,
    cuts_left: Arc<AtomicU32>,
) {
    let Ok(mut far) = TcpStream::connect(target).await else { return };
    let resets = {
        let ((near_read, near_write), (far_read, far_write)) = (near.split(), far.split());
        let up = Path { weather: weather.clone(), began, stalls: |now| now.stalls_up, cuts_left: None };
        let cuts_left = Some(cuts_left);
        let down = Path { weather: weather.clone(), began, stalls: |now| now.stalls_down, cuts_left };
        tokio::select! {
            // Whatever goes wrong with a side ends both.
            _ = async { tokio::try_join!(up.pass(near_read, far_write), down.pass(far_read, near_write)) } => false,
            changed = weather.wait_for(|now| now.cut != began.cut) => changed.is_ok_and(|now| now.resets),
        }
    };
    if resets {
        for stream in [&near, &far] {
            stream.set_zero_linger().expect("the connection is open");
        }
    }
}

/// One direction of a connection.
struct Path {
    weather: watch::Receiver<Weather>,
    /// What the weather was when the connection was made.
    began: Weather,
    stalls: fn(&Weather) -> bool,
    /// Only answers are cut.
    cuts_left: Option<Arc<AtomicU32>>,
}

impl Path {
    async fn pass(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        // Large, for each takes the whole latency by itself: a network that is far isn't narrow.
        let mut piece = vec![0; 64 * 1024];
        loop {
            // Small ones when they take long: ten a second.
            let most = match self.weather.borrow().rate {
                0 => piece.len(),
                rate => (rate as usize / 10).clamp(1, piece.len()),
            };
            let read = from.read(&mut piece[..most]).await?;
            self.opens(read).await?;
            if read == 0 {
                return to.shutdown().await;
            }
            if let Some(middle) = self.cut_in(&piece[..read]) {
                to.write_all(&piece[..middle]).await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            to.write_all(&piece[..read]).await?;
        }
    }

    /// Where this piece is to be cut, if it is.
    fn cut_in(&self, piece: &[u8]) -> Option<usize> {
        let (inside, left) = (self.weather.borrow().cuts_inside?, self.cuts_left.as_ref()?);
        let at = piece.windows(inside.len()).position(|window| window == inside)?;
        let one_less = |left: u32| left.checked_sub(1);
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).ok()?;
        Some(at + inside.len() / 2)
    }

    /// Waits as long as a piece takes.
    async fn opens(&mut self, bytes: usize) -> io::Result<()> {
        let (began, stalls) = (self.began, self.stalls);
        let passes = self.weather.wait_for(|now| !stalls(now) && now.lost == began.lost).await;
        // Without the proxy there is nothing to pass.
        let now = *passes.map_err(|_| io::ErrorKind::ConnectionAborted)?;
        let at_this_rate = match now.rate {
            0 => Duration::ZERO,
            rate => Duration::from_secs_f64(bytes as f64 / f64::from(rate)),
        };
        tokio::time::sleep(now.latency + at_this_rate).await;
        Ok(())
    }
}
