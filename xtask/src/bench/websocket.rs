//! As much of the WebSocket protocol (RFC 6455) as a load generator needs.

/// The request that turns a connection into a socket of Socket.IO.
pub const UPGRADE: &str = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: bench.test\r\n\
    connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const TEXT: u8 = 0x81;
const MASKED: u8 = 0x80;

/// A text frame as a client has to send it. A mask of zeros is a mask, and leaves the text as it is.
pub fn text(payload: &str) -> Vec<u8> {
    let mut frame = vec![TEXT];
    match payload.len() {
        length @ 0..126 => frame.push(MASKED | length as u8),
        length @ 126..65536 => {
            frame.push(MASKED | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(MASKED | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload.as_bytes());
    frame
}

/// Where the payload of the first frame begins and ends, once the frame is whole. Servers don't mask.
pub fn first_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (start, length): (usize, usize) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        length => (2, usize::from(length)),
    };
    let end = start.checked_add(length)?;
    (bytes.len() >= end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same frame from a server: without the mask.
    fn unmasked(payload: &str) -> Vec<u8> {
        let mut frame = text(payload);
        frame[1] &= !MASKED;
        let mask = frame.len() - payload.len() - 4;
        frame.drain(mask..mask + 4);
        frame
    }

    #[test]
    fn every_way_to_write_a_length_is_read() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536] {
            let payload = "x".repeat(length);
            let frame = unmasked(&payload);
            let (start, end) = first_frame(&frame).expect("the frame is whole");
            assert_eq!(&frame[start..end], payload.as_bytes(), "{length}");
            assert_eq!(end, frame.len());
        }
    }

    #[test]
    fn a_frame_that_has_not_arrived_is_waited_for() {
        let frame = unmasked(&"x".repeat(300));
        assert!((0..frame.len()).all(|length| first_frame(&frame[..length]).is_none()));
    }

    #[test]
    fn a_client_masks() {
        assert_eq!(text("3"), [0x81, 0x81, 0, 0, 0, 0, b'3']);
    }
}
