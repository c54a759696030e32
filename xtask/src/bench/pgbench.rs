//! The same statements without the program: what PostgreSQL, behind the same PgBouncer, makes of them when each
//! message is a transaction of its own.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Stand;
use crate::{run, workspace};

/// What sending one message asks of PostgreSQL, statement by statement; the program begins and locks in one go.
const STATEMENTS: &str = "\
\\set r random(1, 281474976710655)
BEGIN;
SELECT 1 FROM streams WHERE id = CAST(:conversation AS uuid) FOR UPDATE;
SELECT (SELECT s.last_seq FROM streams s WHERE s.id = CAST(:conversation AS uuid)) AS head, \
(SELECT me.user_id FROM conversation_members me \
WHERE me.conversation_id = CAST(:conversation AS uuid) AND me.user_id = r.sender_id) AS member, \
(SELECT m.seq FROM messages m \
WHERE m.conversation_id = CAST(:conversation AS uuid) AND m.message_id = r.message_id) AS existing, \
(SELECT m.seq FROM messages m \
WHERE m.conversation_id = CAST(:conversation AS uuid) AND m.message_id = r.reply_to) AS replied \
FROM (SELECT place - 1 AS place, sender_id, message_id, CASE WHEN has_reply_to THEN reply_to END AS reply_to \
FROM unnest(ARRAY[CAST(:sender AS uuid)], ARRAY[CAST(lpad(to_hex(CAST(:r AS bigint)), 32, '0') AS uuid)], \
ARRAY[false], ARRAY[CAST(:sender AS uuid)]) WITH ORDINALITY \
AS given(sender_id, message_id, has_reply_to, reply_to, place)) r ORDER BY r.place \\gset
WITH content AS (INSERT INTO messages \
(conversation_id, message_id, seq, sender_id, type, content, reply_to, fingerprint, created_at) \
SELECT CAST(:conversation AS uuid), r.message_id, CAST(:head AS bigint) + 1 + r.place, r.sender_id, r.kind, r.content, \
r.reply_to, r.fingerprint, now() \
FROM (SELECT place - 1 AS place, message_id, sender_id, kind, content, \
CASE WHEN has_reply_to THEN reply_to END AS reply_to, fingerprint \
FROM unnest(ARRAY[CAST(lpad(to_hex(CAST(:r AS bigint)), 32, '0') AS uuid)], ARRAY[CAST(:sender AS uuid)], ARRAY['text'], \
ARRAY['Somebody says as much as people say in a chat, and then a little more.'], \
ARRAY[false], ARRAY[CAST(:sender AS uuid)], ARRAY[decode(repeat('00', 32), 'hex')]) WITH ORDINALITY \
AS given(message_id, sender_id, kind, content, has_reply_to, reply_to, fingerprint, place)) r), \
events AS (INSERT INTO stream_events (stream_id, seq, kind, subject_id, actor_id, at) \
SELECT CAST(:conversation AS uuid), CAST(:head AS bigint) + 1 + r.place, r.kind, r.subject_id, r.actor_id, now() \
FROM (SELECT place - 1 AS place, kind, subject_id, CASE WHEN has_actor_id THEN actor_id END AS actor_id \
FROM unnest(ARRAY['message'], ARRAY[CAST(lpad(to_hex(CAST(:r AS bigint)), 32, '0') AS uuid)], ARRAY[true], \
ARRAY[CAST(:sender AS uuid)]) WITH ORDINALITY AS given(kind, subject_id, has_actor_id, actor_id, place)) r) \
UPDATE streams SET last_seq = CAST(:head AS bigint) + 1, last_at = now() WHERE id = CAST(:conversation AS uuid);
COMMIT;
";

/// Who sends what where.
pub struct Script<'a> {
    pub conversation: &'a str,
    pub sender: &'a str,
}

impl Script<'_> {
    /// Transactions a second of so many clients at once, on this database.
    pub fn run(&self, stand: &Stand, database: &str, clients: usize) -> Result<f64> {
        let file = workspace::log("pgbench-script")?;
        std::fs::write(&file, STATEMENTS)?;
        let mut command = Command::new(stand.tools.postgres.join("pgbench"));
        command.args(["--no-vacuum", "--protocol=prepared"]);
        // A thread each: it waits for PgBouncer while it prepares, and must not keep another's transaction waiting.
        command.args([format!("--client={clients}"), format!("--jobs={clients}")]);
        command.arg(format!("--time={}", stand.measure.as_secs()));
        command.arg(format!("--define=conversation={}", self.conversation));
        command.arg(format!("--define=sender={}", self.sender));
        command.arg("--file").arg(&file).arg(database);
        let output = run::captured("pgbench", &mut command, stand.measure + Duration::from_mins(1))?;
        let output = String::from_utf8_lossy(&output);
        let told =
            output.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        told.with_context(|| format!("pgbench doesn't tell how many: {output}"))
    }
}
