//! The README's commands, as a reader would paste them.
//!
//! A block is run when `<!-- run -->` stands right before it, or, for lines that go into the
//! console of the API explorer's page, `<!-- run: browser -->`.

use std::{fs, path::Path, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use super::{
    script::{node, run},
    server::Server,
    tools,
};

const COMMAND_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_commands_of_the_readme_do_what_it_says() {
    let text = fs::read_to_string(tools::in_project("README.md")).expect("there is a README");
    let blocks = blocks(&text);
    let count = |how: How| blocks.iter().filter(|block| block.how == how).count();
    assert!(count(How::Shell) >= 2 && count(How::Browser) >= 1, "the README has lost its marked blocks");

    let server = Server::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for Block { how, lines } in blocks {
        let lines = lines.replace("http://127.0.0.1:4000", &server.url());
        match how {
            How::Shell => shell(&lines, folder.path(), &server.environment()).await,
            How::Browser => {
                let file = folder.path().join("lines.js");
                fs::write(&file, lines).expect("a file can be written");
                let page = format!("{}/api-docs", server.url());
                let mut script = node("console.mjs", &[&page, &file.display().to_string()], &server);
                run(script.env("ROOKERY_TEST_CHROMIUM", tools::chromium())).await;
            }
        }
    }
}

/// Runs the lines; any that fails ends it.
pub async fn shell(lines: &str, folder: &Path, environment: &[(String, String)]) {
    let lines = lines.replace("cargo run --", env!("CARGO_BIN_EXE_rookery"));
    let mut command = Command::new("sh");
    command.args(["-euc", &lines]).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    command.envs(environment.iter().cloned());
    let ended = timeout(COMMAND_WITHIN, command.output()).await;
    let output = ended.unwrap_or_else(|_| panic!("not done in time:\n{lines}")).expect("there is a shell");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{}:\n{lines}\n{}", output.status, said.join("\n"));
}

#[derive(Debug, PartialEq)]
pub struct Block {
    how: How,
    pub lines: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Shell,
    Browser,
}

pub fn blocks(text: &str) -> Vec<Block> {
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let (how, fence) = match line {
            "<!-- run -->" => (How::Shell, "```sh"),
            "<!-- run: browser -->" => (How::Browser, "```js"),
            other => {
                assert!(!other.starts_with("<!-- run"), "no way to run this is known: {other}");
                continue;
            }
        };
        assert_eq!(lines.next(), Some(fence), "what follows {line}");
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block { how, lines: block.join("\n") });
    }
    blocks
}

#[test]
fn only_marked_blocks_are_run() {
    let text = "# A\n\n```sh\nrm -rf /\n```\n\n<!-- run -->\n```sh\none\ntwo\n```\n<!-- run: browser -->\n```js\n3\n```\n";
    let block = |how, lines: &str| Block { how, lines: lines.into() };
    assert_eq!(blocks(text), [block(How::Shell, "one\ntwo"), block(How::Browser, "3")]);
}
