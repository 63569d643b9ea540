//! The DSL where the kernel goes by another name (and in edition 2021): the forms find it by
//! themselves, the derive is told.

/// Items that another crate might hand on.
pub mod reexported {
    pub use mp::prelude;
    pub use mp::{publisher, send_message, subscriber};
}

/// Objects that other crates may have references to, with parts that they do not see.
pub mod objects {
    use mp::objects::*;
    use mp::prelude::*;

    /// A message that only this crate can take apart.
    #[derive(Message, Clone, Debug, PartialEq)]
    #[message(crate = mp)]
    pub(crate) struct Goods(pub(crate) u8);

    /// A shop.
    #[derive(Debug)]
    pub struct Shop(pub(crate) u8);

    #[object(crate = mp)]
    impl Shop {
        fn sell(&mut self, price: u8) -> Goods {
            self.0 += price;
            Goods(self.0)
        }
    }

    /// The methods of every shop.
    #[object(crate = mp)]
    pub trait Sells {
        /// Sells something for this price.
        fn sell(&mut self, price: u8) -> u8;
    }
}

#[cfg(test)]
mod tests {
    use mp::prelude::*;
    use mp::sim::Sim;

    #[derive(Message, Clone, Debug, PartialEq)]
    #[message(crate = mp)]
    enum Call {
        Ping { id: u32 },
        Pong(u32),
    }

    #[test]
    fn forms_find_the_kernel() {
        let mut sim = Sim::new(|_| {
            transition!(
                0u32,
                crate::reexported::subscriber!(
                    Call::Ping { .. },
                    match_state!(n: u32 => on_message!(Call::Ping { id } =>
                        transition!(n + 1, crate::reexported::send_message!(Call::Pong(id + n)))))
                ),
                at_meta_level!(at_meta_level!(), Some(send_message!("outside"))),
                spawn_vm!(state: 1u8; yield_now!(|n: u8| transition!(n))),
                let_fresh!(a => crate::reexported::publisher!(Some(a))),
                subscriber!(_, on_absence!(todo!())),
            )
        });
        sim.run();
        sim.send(&Call::Ping { id: 7 });
        sim.send(&Call::Ping { id: 7 });
        sim.run();
        let pongs: Vec<_> = sim.messages().iter().filter_map(Call::from_value).collect();
        let ping = || Call::Ping { id: 7 };
        assert_eq!(pongs, [ping(), ping(), Call::Pong(7), Call::Pong(8)]);
    }

    #[test]
    fn objects_find_it_when_they_are_told() {
        use super::objects::{Goods, Sells, Shop};
        use mp::objects::*;

        let mut sim = Sim::new(|_| {
            let (spawn, shop) = spawn_object(Shop(1));
            let (seller, here) = reference::<dyn Sells>();
            transition_no_state!(
                spawn,
                object_of!(
                    here,
                    match_duct!(duct => on_message!(("sell", price) => {
                        let price: u8 = price;
                        give(&duct, &(2 * price))
                    })),
                    on_release!(send_message!("released"))
                ),
                ask(
                    |cx| shop.sell(cx, 2),
                    |(): (), sold: Result<Goods, Reason>| {
                        Ok::<_, Failure>(transition_no_state!(send_message!(sold?.0)))
                    }
                ),
                ask(
                    |cx| seller.sell(cx, 5),
                    |(): (), sold: Result<u8, Reason>| {
                        Ok::<_, Failure>(transition_no_state!(send_message!(sold?)))
                    }
                ),
            )
        });
        sim.run();
        assert_eq!(sim.messages_of::<u8>(), [3, 10]);
        assert_eq!(sim.messages_of::<Text>(), ["released"]);
    }

    #[test]
    fn clauses_about_ducts_find_it_too() {
        let mut sim = Sim::new(|_| {
            transition_no_state!(
                crate::reexported::subscriber!(
                    Call::Ping { .. },
                    match_duct!(duct => on_message!(Call::Ping { id } => give(&duct, &Call::Pong(id)))),
                ),
                replies!(
                    match_wire!("again" => on_reply!(_, Call::Pong(id) => send_message!(id))),
                    on_reply!("once", Call::Pong(id) => pass(Pid::BOOT, "again", &Call::Ping { id: id + 1 })),
                    on_duct_absence!(todo!()),
                ),
                pass(Pid::BOOT, "once", &Call::Ping { id: 7 }),
            )
        });
        sim.run();
        assert_eq!(sim.messages_of::<u32>(), [8]);
    }
}
