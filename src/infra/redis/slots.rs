//! Which slot of a cluster a name belongs to.

/// A cluster's slots, whoever serves them.
pub const SLOTS: u16 = 16_384;

/// The slot of a name without braces (Redis Cluster specification, "Key distribution model").
pub fn slot(name: &str) -> u16 {
    crc16(name.as_bytes()) % SLOTS
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| match crc & 0x8000 {
            0 => crc << 1,
            _ => (crc << 1) ^ 0x1021,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        // As `CLUSTER KEYSLOT` answers.
        for (name, expected) in [("foo", 12_182), ("bar", 5061)] {
            assert_eq!(slot(name), expected);
        }
    }
}
