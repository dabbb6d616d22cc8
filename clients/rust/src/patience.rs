use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::sleep;

use crate::error::Error;

const WAITS: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(50))
    .with_max_delay(Duration::from_millis(2500))
    .without_max_times()
    .with_jitter(); // as much again

/// How long a server may be away, and the waits until it is looked for again.
pub(crate) struct Patience {
    limit: Duration,
    until: Instant,
    waits: ExponentialBackoff,
}

impl Patience {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            until: Instant::now() + limit,
            waits: WAITS.build(),
        }
    }

    /// Takes note that there was progress.
    pub(crate) fn renew(&mut self) {
        *self = Self::new(self.limit);
    }

    /// Waits when a call that failed may go through later; gives the error back when it will not, or not in time.
    pub(crate) async fn wait(&mut self, error: Error) -> Result<(), Error> {
        match self.waits.next() {
            Some(wait) if error.is_unavailable() && Instant::now() + wait < self.until => {
                sleep(wait).await;
                Ok(())
            }
            _ => Err(error),
        }
    }
}
