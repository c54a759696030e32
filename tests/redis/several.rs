//! Redis on several servers: a master watched by sentinels, and a cluster.

use tempfile::TempDir;

use crate::support::{RedisServer, Settings, eventually};

/// What everybody of a set asks for.
const PASSWORD: &str = "of-the-servers";
const SENTINELS_PASSWORD: &str = "of-the-sentinels";

/// A master, its replica, and three who watch them.
pub struct Sentinels {
    pub master: RedisServer,
    _replica: RedisServer,
    sentinels: Vec<RedisServer>,
    _files: TempDir,
}

/// Three masters, and a replica of the first.
pub struct Cluster {
    pub masters: Vec<RedisServer>,
    _replica: RedisServer,
}

impl Sentinels {
    pub async fn start() -> Self {
        let files = tempfile::tempdir().expect("a temporary folder can be made");
        let guard = ["--masterauth", PASSWORD, "--repl-diskless-sync-delay", "0"];
        let master = RedisServer::guarded(PASSWORD, &guard).await;
        let of = ["--replicaof", "127.0.0.1", &master.port.to_string()];
        let replica = RedisServer::guarded(PASSWORD, &[guard.as_slice(), of.as_slice()].concat()).await;
        let settings = format!(
            "sentinel monitor mine 127.0.0.1 {} 2\nsentinel down-after-milliseconds mine 600\n\
             sentinel failover-timeout mine 2000\nsentinel auth-pass mine {PASSWORD}\n",
            master.port
        );
        let mut sentinels = Vec::new();
        for number in 0..3 {
            // Each writes down in its file what it has learnt.
            let file = files.path().join(format!("{number}.conf"));
            std::fs::write(&file, &settings).expect("a file can be written");
            sentinels.push(RedisServer::sentinel(SENTINELS_PASSWORD, &file.display().to_string()).await);
        }
        for sentinel in &sentinels {
            eventually(async || {
                let quorum = sentinel.say("SENTINEL CKQUORUM mine").await?.starts_with("+OK 3");
                let replica = sentinel.say("SENTINEL REPLICAS mine").await?.starts_with("*1");
                (quorum && replica).then_some(())
            })
            .await;
        }
        Self { master, _replica: replica, sentinels, _files: files }
    }

    pub fn set(&self, settings: &mut Settings) {
        settings
            .unset("REDIS_URL")
            .set("REDIS_SENTINELS", addresses(&self.sentinels))
            .set("REDIS_SENTINEL_MASTER", "mine")
            .set("REDIS_SENTINEL_PASSWORD", SENTINELS_PASSWORD)
            .set("REDIS_PASSWORD", PASSWORD);
    }
}

impl Cluster {
    pub async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..4 {
            let port = RedisServer::free_port().to_string();
            let settings =
                ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", &port];
            nodes.push((RedisServer::with(&settings).await, port));
        }
        let slots = ["0 5460", "5461 10922", "10923 16383"];
        for ((node, _), slots) in nodes.iter().zip(slots) {
            agreed(node, &format!("CLUSTER ADDSLOTSRANGE {slots}")).await;
        }
        for (node, port) in &nodes[1..] {
            agreed(&nodes[0].0, &format!("CLUSTER MEET 127.0.0.1 {} {port}", node.port)).await;
        }
        let replica = &nodes[3].0;
        for (node, _) in &nodes {
            eventually(async || says(node, "CLUSTER INFO", "cluster_known_nodes:4").await).await;
        }
        let first = nodes[0].0.say("CLUSTER MYID").await.expect("it answers");
        let first = first.lines().nth(1).expect("it has a name").to_owned();
        eventually(async || says(replica, &format!("CLUSTER REPLICATE {first}"), "+OK").await).await;
        for (node, _) in &nodes {
            eventually(async || says(node, "CLUSTER INFO", "cluster_state:ok").await).await;
        }
        eventually(async || says(replica, "INFO replication", "master_link_status:up").await).await;
        let mut masters: Vec<_> = nodes.into_iter().map(|(node, _)| node).collect();
        let replica = masters.pop().expect("there are four");
        Self { masters, _replica: replica }
    }

    pub fn set(&self, settings: &mut Settings) {
        settings.unset("REDIS_URL").set("REDIS_CLUSTER", addresses(&self.masters));
    }
}

fn addresses(servers: &[RedisServer]) -> String {
    servers.iter().map(|server| server.address().to_string()).collect::<Vec<_>>().join(",")
}

async fn agreed(node: &RedisServer, command: &str) {
    let answer = node.say(command).await.expect("it answers");
    assert!(answer.starts_with("+OK"), "{command}: {answer}");
}

async fn says(node: &RedisServer, command: &str, text: &str) -> Option<()> {
    node.say(command).await?.contains(text).then_some(())
}
