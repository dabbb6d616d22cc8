use tonic::Code;

use crate::chain::ChainDigest;
use crate::client::Totals;
use crate::error::Error;
use crate::records::{Rejection, Snapshot};
use crate::send::SendOptions;
use crate::window::Window;
use crate::wire;

/// What the server says of a session while items are sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Snapshot(Snapshot),
    Rejection(Rejection),
}

/// Where a session stands when all items were sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Every item below this offset is durable and has exactly one outcome.
    pub committed: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Digest of all items that were read from the source.
    pub chain_digest: ChainDigest,
}

impl Progress {
    /// The totals to finalize with.
    pub fn totals(&self) -> Totals {
        Totals {
            items: self.committed,
            accepted: Some(self.accepted),
            rejected: Some(self.rejected),
            chain_digest: Some(self.chain_digest),
        }
    }
}

/// What is known of the items of a session, through all calls that it takes when connections break.
///
/// Every further call sends again what is not acknowledged, though the server may have it: it tells then which items
/// it refused.
pub(crate) struct Delivery<F> {
    pub(crate) window: Window,
    on_event: F,
    progress: Progress,
    is_attached: bool,
    heard: u64, // rejections below this offset were told
}

impl<F: FnMut(Event)> Delivery<F> {
    pub(crate) fn new(options: &SendOptions, on_event: F) -> Result<Self, Error> {
        if options.batch_items == 0 {
            return Err(Error::new(
                Code::InvalidArgument,
                "batch_items must be at least 1, not 0",
            ));
        }
        let window = Window::new(options.batch_items, options.linger);
        Ok(Self {
            window,
            on_event,
            progress: Progress::default(),
            is_attached: false,
            heard: 0,
        })
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress {
            chain_digest: self.window.chain(),
            ..self.progress.clone()
        }
    }

    pub(crate) fn committed(&self) -> u64 {
        self.progress.committed
    }

    /// Takes note of the session as it stands when a call begins.
    pub(crate) fn attach(&mut self, session: wire::Session) -> Result<(), Error> {
        if !self.is_attached {
            self.is_attached = true;
            self.window.pass_over(session.committed_offset, session.chain_digest);
            self.acknowledge(wire::Ack {
                committed_offset: session.committed_offset,
                accepted_count: session.accepted_count,
                rejected_count: session.rejected_count,
            });
        } else if session.committed_offset < self.committed() {
            let message = format!(
                "the server acknowledged {} items and came back with {}; create another session and send everything again",
                self.committed(),
                session.committed_offset
            );
            return Err(Error::new(Code::DataLoss, message));
        }
        Ok(())
    }

    pub(crate) fn acknowledge(&mut self, ack: wire::Ack) {
        if ack.committed_offset < self.committed() {
            return; // of items that were sent again
        }
        self.progress.committed = ack.committed_offset;
        (self.progress.accepted, self.progress.rejected) = (ack.accepted_count, ack.rejected_count);
        self.window.acknowledge(ack.committed_offset);
    }

    /// Tells of rejections, once of each: they come again when their items are sent again.
    pub(crate) fn reject(&mut self, rejections: Vec<wire::Rejection>) {
        let heard = self.heard;
        for rejection in rejections.into_iter().filter(|each| each.offset >= heard) {
            self.heard = rejection.offset + 1;
            (self.on_event)(Event::Rejection(rejection.into()));
        }
    }

    pub(crate) fn show(&mut self, snapshot: wire::Snapshot) {
        (self.on_event)(Event::Snapshot(snapshot.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(offset: u64) -> wire::Rejection {
        wire::Rejection {
            offset,
            ..Default::default()
        }
    }

    fn session(committed_offset: u64) -> wire::Session {
        wire::Session {
            committed_offset,
            ..Default::default()
        }
    }

    #[test]
    fn a_rejection_that_comes_again_is_told_once() {
        let mut told = Vec::new();
        let on_event = |event| match event {
            Event::Rejection(rejection) => told.push(rejection.offset),
            Event::Snapshot(_) => {}
        };
        let mut delivery = Delivery::new(&SendOptions::default(), on_event).unwrap();
        delivery.reject(vec![rejection(2), rejection(5)]);
        delivery.reject(vec![rejection(2), rejection(5), rejection(6)]);
        assert_eq!(told, [2, 5, 6]);
    }

    #[test]
    fn an_ack_of_items_that_were_sent_again_takes_nothing_back() {
        let mut delivery = Delivery::new(&SendOptions::default(), |_| ()).unwrap();
        delivery.acknowledge(wire::Ack {
            committed_offset: 3,
            accepted_count: 2,
            rejected_count: 1,
        });
        delivery.acknowledge(wire::Ack {
            committed_offset: 1,
            accepted_count: 1,
            rejected_count: 0,
        });
        let Progress {
            committed,
            accepted,
            rejected,
            ..
        } = delivery.progress();
        assert_eq!((committed, accepted, rejected), (3, 2, 1));
    }

    #[test]
    fn a_server_that_lost_what_it_acknowledged_is_not_gone_on_with() {
        let mut delivery = Delivery::new(&SendOptions::default(), |_| ()).unwrap();
        delivery.attach(session(3)).unwrap();
        delivery.attach(session(4)).unwrap();
        let error = delivery.attach(session(2)).unwrap_err();
        assert_eq!(error.code_name(), "DATA_LOSS");
        assert!(
            error
                .message
                .starts_with("the server acknowledged 3 items and came back with 2;")
        );
    }
}
