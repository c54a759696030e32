//! Many sockets, read by one thread.

use std::time::Instant;

use anyhow::{Result, bail};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};

use super::socket::Socket;
use super::tally::Tally;

/// Milliseconds after which it is looked whether to stop.
const LOOK_UP: u16 = 100;
/// What the packet of a delivery begins with.
const DELIVERY: &[u8] = b"42[\"receiveMessage\",";
/// Before a message's number.
const NUMBER: &[u8] = b"\"seq\":";
/// What a message's text begins with; the microseconds follow, in this many digits.
const STAMP: &str = "sent at ";
const DIGITS: usize = 12;

/// What it has seen when it is done.
#[derive(Default)]
pub struct Seen {
    /// Microseconds from sending to receiving, while it was measured.
    pub latencies: Vec<u32>,
    /// A delivery as it travelled.
    pub frame: Vec<u8>,
}

/// Reads them all until it is told to stop. Messages are stamped in time since `epoch`.
pub fn read(sockets: &mut [Socket], epoch: Instant, tally: &Tally) -> Result<Seen> {
    tally.ended_by(read_until_stopped(sockets, epoch, tally))
}

fn read_until_stopped(sockets: &mut [Socket], epoch: Instant, tally: &Tally) -> Result<Seen> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    for (place, socket) in sockets.iter().enumerate() {
        socket.stream.set_nonblocking(true)?;
        epoll.add(&socket.stream, EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
    }
    let mut seen = Seen::default();
    let mut newest = vec![0; sockets.len()];
    let mut ready = [EpollEvent::empty(); 256];
    while tally.goes_on() {
        let count = match epoll.wait(&mut ready, LOOK_UP) {
            Err(Errno::EINTR) => 0,
            count => count?,
        };
        for event in &ready[..count] {
            let place = event.data() as usize;
            let socket = &mut sockets[place];
            let mut in_order = true;
            socket.read()?;
            socket.packets(|packet, frame| {
                if packet.starts_with(DELIVERY) {
                    let number = numbered(packet).unwrap_or(newest[place]);
                    in_order &= number >= newest[place];
                    newest[place] = number;
                    seen.note(packet, frame, epoch, tally.count());
                }
            })?;
            if !in_order {
                bail!("a socket was pushed messages out of their order");
            }
        }
    }
    Ok(seen)
}

impl Seen {
    fn note(&mut self, packet: &[u8], frame: &[u8], epoch: Instant, measuring: bool) {
        if self.frame.is_empty() {
            self.frame = frame.to_vec();
        }
        if measuring && let Some(sent) = stamped(packet) {
            let now = epoch.elapsed().as_micros() as u64;
            self.latencies.push(u32::try_from(now.saturating_sub(sent)).unwrap_or(u32::MAX));
        }
    }
}

/// The text of a message that says when it was sent; all are equally long.
pub fn stamp(epoch: Instant) -> String {
    format!(
        "{STAMP}{:0DIGITS$}, and then somebody says as much as people say in a chat.",
        epoch.elapsed().as_micros()
    )
}

/// The message's number; a bare loop repeats one frame.
fn numbered(packet: &[u8]) -> Option<i64> {
    let start = packet.windows(NUMBER.len()).position(|window| window == NUMBER)? + NUMBER.len();
    let digits = packet[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&packet[start..start + digits]).ok()?.parse().ok()
}

fn stamped(packet: &[u8]) -> Option<u64> {
    let start = packet.windows(STAMP.len()).position(|window| window == STAMP.as_bytes())? + STAMP.len();
    std::str::from_utf8(packet.get(start..start + DIGITS)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_stamp_is_found_in_a_packet() {
        let epoch = Instant::now().checked_sub(Duration::from_secs(3)).expect("the machine is older");
        let packet = format!("42[\"receiveMessage\",{{\"content\":\"{}\"}}]", stamp(epoch));
        let sent = stamped(packet.as_bytes()).expect("it is there");
        assert!((3_000_000..4_000_000).contains(&sent), "{sent}");
        assert_eq!(stamped(b"42[\"typing\",{}]"), None);
        assert_eq!(numbered(br#"42["receiveMessage",{"id":"x","seq":120,"senderId":"y"}]"#), Some(120));
        assert_eq!(numbered(packet.as_bytes()), None);
        assert_eq!(stamped(b"sent at 12"), None);
    }
}
