//! Finds out whether a client is alive: a state of a few words and one timer, polled by the websocket's own task or,
//! for a session that began by polling, by a task of its own.
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use engineioxide_core::{Packet, ProtocolVersion};
use pin_project_lite::pin_project;
use smallvec::smallvec;
use tokio::time::{Instant, Sleep};

use crate::{
    config::EngineIoConfig,
    socket::{DisconnectReason, Socket},
};

pin_project! {
    /// With the v4 protocol a Ping is sent every `interval`, and the client is expected to answer within `timeout`.
    /// With v3 the client sends a Ping every `interval`, and the server answers.
    pub(crate) struct Heartbeat {
        interval: Duration,
        timeout: Duration,
        // When the next Ping is due; they keep their pace however long a Pong takes.
        due: Instant,
        step: Step,
        #[pin]
        timer: Sleep,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// v4: before the first Ping.
    Begin,
    /// v4: between a Pong and the next Ping.
    Rest,
    /// v4: between a Ping and its Pong.
    Expect,
    /// v3: between two Pings of the client.
    Listen,
}

/// The client has not answered in time, or cannot even be asked.
pub(crate) struct Lost;

impl Heartbeat {
    pub fn new(config: &EngineIoConfig, protocol: ProtocolVersion) -> Self {
        let (interval, timeout) = (config.ping_interval, config.ping_timeout);
        let now = Instant::now();
        let (step, due) = match protocol {
            ProtocolVersion::V4 => (Step::Begin, now + interval),
            ProtocolVersion::V3 => (Step::Listen, now + interval + timeout),
        };
        Self {
            interval,
            timeout,
            due,
            step,
            timer: tokio::time::sleep_until(due),
        }
    }

    /// Ready once the client is lost. To be polled again after [`Socket::beat`].
    pub fn poll_lost<D>(
        self: Pin<&mut Self>,
        socket: &Socket<D>,
        cx: &mut Context<'_>,
    ) -> Poll<Lost>
    where
        D: Default + Send + Sync + 'static,
    {
        let mut this = self.project();
        loop {
            let answered = || socket.pong.swap(false, Ordering::AcqRel);
            match *this.step {
                Step::Begin | Step::Rest => {
                    ready!(this.timer.as_mut().poll(cx));
                    if *this.step == Step::Begin {
                        // Some clients send the pong packet in first. If that happens, we should consume it.
                        answered();
                        *this.step = Step::Rest;
                    }
                    *this.due += *this.interval;
                    // If we are currently upgrading we should pause the heartbeat process
                    if socket.is_upgrading() {
                        this.timer.as_mut().reset(*this.due);
                        continue;
                    }
                    let Ok(place) = socket.queue.try_reserve() else {
                        return Poll::Ready(Lost);
                    };
                    place.send(smallvec![Packet::Ping]);
                    this.timer.as_mut().reset(Instant::now() + *this.timeout);
                    *this.step = Step::Expect;
                }
                Step::Expect => {
                    if !answered() {
                        return this.timer.as_mut().poll(cx).map(|()| Lost);
                    }
                    this.timer.as_mut().reset(*this.due);
                    *this.step = Step::Rest;
                }
                Step::Listen => {
                    if !answered() {
                        return this.timer.as_mut().poll(cx).map(|()| Lost);
                    }
                    let Ok(place) = socket.queue.try_reserve() else {
                        return Poll::Ready(Lost);
                    };
                    place.send(smallvec![Packet::Pong]);
                    let within = *this.interval + *this.timeout;
                    this.timer.as_mut().reset(Instant::now() + within);
                }
            }
        }
    }

    /// Until the session ends, which it does when the client is lost.
    pub fn of<D>(self, socket: Arc<Socket<D>>) -> HeartbeatOf<D>
    where
        D: Default + Send + Sync + 'static,
    {
        HeartbeatOf {
            heartbeat: self,
            socket,
        }
    }
}

pin_project! {
    pub(crate) struct HeartbeatOf<D>
    where
        D: Default,
        D: Send,
        D: Sync,
        D: 'static,
    {
        #[pin]
        heartbeat: Heartbeat,
        socket: Arc<Socket<D>>,
    }
}

impl<D> Future for HeartbeatOf<D>
where
    D: Default + Send + Sync + 'static,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.socket.heartbeat_waker.register(cx.waker());
        if this.socket.is_cancelled() {
            return Poll::Ready(());
        }
        let lost = this.heartbeat.poll_lost(this.socket, cx);
        lost.map(|Lost| this.socket.close(DisconnectReason::HeartbeatTimeout))
    }
}
