//! What a process says, line by line, while it says it.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Child,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};

use super::wait::within;

/// All that was said until now, on both outputs, by one process or by several one after the other.
#[derive(Default)]
pub struct Lines {
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Lines {
    /// Reads on until the process has ended. What `find` sees in a line of its standard output is told; the
    /// telling ends when the output does.
    pub fn read<T: Send + 'static>(
        &mut self,
        child: &mut Child,
        find: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> UnboundedReceiver<T> {
        let (tell, told) = unbounded_channel();
        let stdout = child.stdout.take().expect("the output is piped");
        let stderr = child.stderr.take().expect("the errors are piped");
        // Nobody has to listen.
        self.keep(stdout, move |line| _ = find(line).map(|found| tell.send(found)));
        self.keep(stderr, |_| {});
        told
    }

    pub fn text(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits for the last line of a process that has ended.
    pub async fn end(&mut self) {
        for reader in self.readers.drain(..) {
            within("the end of the output", reader).await.expect("reading doesn't panic");
        }
    }

    fn keep(&mut self, pipe: impl AsyncRead + Unpin + Send + 'static, hear: impl Fn(&str) + Send + 'static) {
        let said = self.said.clone();
        self.readers.push(tokio::spawn(async move {
            let mut lines = BufReader::new(pipe).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                said.lock().unwrap().push_str(&format!("{line}\n"));
                hear(&line);
            }
        }));
    }
}
