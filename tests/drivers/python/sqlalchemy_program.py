"""SQLAlchemy's ORM and Core over psycopg2 and asyncpg: relations, eager loading, upsert, optimistic locking, streams."""

import asyncio
import datetime
import decimal
import os
import sys
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID, insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship, selectinload
from sqlalchemy.orm.exc import StaleDataError

from transcript import EMPTY, SAMPLE, say, say_error

Base = declarative_base()


class Author(Base):
    __tablename__ = "authors"
    id = sa.Column(sa.BigInteger, primary_key=True)
    email = sa.Column(sa.Text, nullable=False)
    name = sa.Column(sa.Text, nullable=False)
    born = sa.Column(sa.Date)
    version = sa.Column(sa.Integer, nullable=False)
    books = relationship("Book", back_populates="author", order_by="Book.id", cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version, "eager_defaults": True}


class Book(Base):
    __tablename__ = "books"
    id = sa.Column(sa.BigInteger, primary_key=True)
    author_id = sa.Column(sa.ForeignKey("authors.id"), nullable=False)
    title = sa.Column(sa.Text, nullable=False)
    price = sa.Column(sa.Numeric(8, 2))
    published = sa.Column(sa.Date)
    tags = sa.Column(ARRAY(sa.Text), nullable=False, default=list)
    in_print = sa.Column(sa.Boolean, nullable=False, server_default=sa.true())
    author = relationship(Author, back_populates="books")


class Document(Base):
    __tablename__ = "documents"
    id = sa.Column(UUID(as_uuid=True), primary_key=True)
    title = sa.Column(sa.Text, nullable=False)
    version = sa.Column(sa.Integer, nullable=False, server_default="1")


class Sample(Base):
    __tablename__ = "samples"
    id = sa.Column(sa.Integer, primary_key=True)
    small, big = sa.Column(sa.SmallInteger), sa.Column(sa.BigInteger)
    amount, ratio = sa.Column(sa.Numeric(20, 6)), sa.Column(sa.Float)
    words, code, flag = sa.Column(sa.Text), sa.Column(sa.String(20)), sa.Column(sa.Boolean)
    day, hour = sa.Column(sa.Date), sa.Column(sa.Time)
    at, wall = sa.Column(sa.DateTime(timezone=True)), sa.Column(sa.DateTime)
    uid, bytes = sa.Column(UUID(as_uuid=True)), sa.Column(sa.LargeBinary)
    doc, numbers, names = sa.Column(JSONB), sa.Column(ARRAY(sa.Integer)), sa.Column(ARRAY(sa.Text))


stock = sa.Table("stock", Base.metadata, sa.Column("sku", sa.Text, primary_key=True), sa.Column("quantity", sa.Integer))
readings = sa.Table("readings", Base.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("value", sa.Float),
                    sa.Column("note", sa.Text))


def types(session):
    session.add_all([Sample(**SAMPLE), Sample(**EMPTY)])
    session.commit()
    found = session.scalars(sa.select(Sample).where(Sample.id >= 1000).order_by(Sample.id)).all()
    say("types", [{column.name: getattr(row, column.name) for column in Sample.__table__.columns} for row in found])


def models(session):
    new = Author(email="new@x", name="Néw", born=datetime.date(1980, 1, 1), books=[
        Book(title=f"Title {i}", price=decimal.Decimal("9.99"), tags=["a", "b,c"]) for i in range(5)])
    session.add(new)
    session.commit()
    say("inserted", [new.id > 1000, new.version, [b.title for b in new.books], all(b.in_print for b in new.books),
        len({b.id for b in new.books})])
    for option in (joinedload(Author.books), selectinload(Author.books)):
        session.expire_all()
        found = session.scalars(sa.select(Author).options(option).order_by(Author.email)).unique().all()
        say("eager", [[a.email, [[b.title, b.price] for b in a.books]] for a in found])
    say("lazy", session.get(Book, 7).author.name)
    for page in range(3):
        say("page", session.execute(sa.select(Book.title, Author.name).join(Book.author).where(Book.in_print).order_by(
            Book.title.desc()).limit(4).offset(4 * page)).all())
    say("aggregate", session.execute(
        sa.select(Author.name, sa.func.count(Book.id), sa.func.sum(Book.price), sa.func.max(Book.published)).outerjoin(Author.books)
        .group_by(Author.name).having(sa.func.count(Book.id) >= 0).order_by(Author.name)).all())
    rank = sa.func.rank().over(partition_by=Book.author_id, order_by=Book.price.desc())
    ranked = sa.select(Book.title, rank.label("rank")).subquery()
    say("window", session.execute(sa.select(ranked).where(ranked.c.rank == 1).order_by(ranked.c.title)).all())
    say("exists", session.scalars(sa.select(Author.name).where(~Author.books.any()).order_by(Author.name)).all())
    say("in", session.scalars(sa.select(Book.title).where(Book.id.in_([1, 2, 3]), Book.tags.contains(["tag1"])).order_by(Book.id)).all())
    cte = sa.select(Book.author_id, sa.func.avg(Book.price).label("mean")).group_by(Book.author_id).cte("means")
    say("cte", session.execute(sa.select(Book.title).join(cte, cte.c.author_id == Book.author_id).where(
        Book.price > cte.c.mean).order_by(Book.title)).all())
    say("union", session.execute(sa.union(sa.select(Book.title).where(Book.id < 3),
        sa.select(Author.name).where(Author.id < 3)).order_by("title")).all())
    say("for update", session.scalars(sa.select(Author.name).where(Author.id == 1).with_for_update(skip_locked=True)).all())
    session.delete(new)
    session.commit()
    say("cascade", session.scalar(sa.select(sa.func.count()).select_from(Book)))


def optimistic(engine, session):
    mine = session.get(Author, 1)
    with Session(engine) as other:
        theirs = other.get(Author, 1)
        theirs.name = "Theirs"
        other.commit()
    mine.name = "Mine"
    try:
        session.commit()
        raise SystemExit("an update of a stale row passed")
    except StaleDataError as error:
        session.rollback()
        say("stale", str(error))
    say("whose", [session.get(Author, 1).name, session.get(Author, 1).version])


def writes(session):
    insertion = insert(Document).values([
        {"id": uuid.UUID(int=session.scalar(sa.select(sa.func.min(Book.price))).__int__() * 1000 + i),
            "title": f"Up {i}"} for i in range(3)])
    upsert = insertion.on_conflict_do_update(
        index_elements=[Document.id], set_={"title": insertion.excluded.title + "!", "version": Document.version + 1})
    for _ in range(2):
        say("upsert", sorted(map(tuple, session.execute(upsert.returning(Document.title, Document.version)).all())))
    pairs = insert(stock).values([{"sku": "sku1", "quantity": 100}, {"sku": "skuN", "quantity": 1}])
    say("upsert by constraint", session.execute(pairs.on_conflict_do_update(
        constraint="stock_pkey", set_={"quantity": stock.c.quantity + pairs.excluded.quantity}).returning(stock)).all())
    say("or nothing", session.execute(insert(stock).values(sku="sku1", quantity=0).on_conflict_do_nothing()).rowcount)
    say("bulk update", [session.execute(sa.update(Book).where(Book.price > 20).values(price=Book.price * 2).execution_options(
        synchronize_session=False)).rowcount, session.execute(sa.delete(Book).where(Book.id == 30)).rowcount])
    say("update from", session.execute(sa.update(Book).where(Book.author_id == Author.id, Author.name.like("%.2")).values(
        title=Book.title + sa.literal(" by ") + Author.name).returning(Book.id).execution_options(synchronize_session=False)).all())
    session.commit()
    session.execute(sa.insert(readings), [{"id": 10000 + i, "value": i / 4, "note": None if i % 2 else "n"} for i in range(1500)])
    session.commit()
    say("many", session.execute(sa.select(sa.func.count(), sa.func.sum(readings.c.value), sa.func.count(readings.c.note)).where(
        readings.c.id >= 10000)).one())


def transactions(session):
    session.get(Author, 2).name = "gone"
    session.flush()
    session.rollback()
    say("rolled back", session.get(Author, 2).name)
    session.get(Author, 2).name = "kept"
    try:
        with session.begin_nested():
            session.add(Author(id=3, email="twice", name="x"))
            session.flush()
    except IntegrityError as error:
        say_error("savepoint", error)
    with session.begin_nested():
        session.get(Author, 3).name = "nested"
    session.commit()
    say("committed", session.scalars(sa.select(Author.name).where(Author.id.in_([2, 3])).order_by(Author.id)).all())
    for name, statement in (("check", sa.update(Book).values(price=-1)), ("syntax", sa.text("SELEC 1")),
                            ("division", sa.text("SELECT 1 / (id - 3) FROM books ORDER BY id")), ("column",
                                sa.text("SELECT nothing FROM books"))):
        try:
            session.execute(statement.execution_options(synchronize_session=False))
            raise SystemExit(f"{name}: no error")
        except DBAPIError as error:
            session.rollback()
            say_error("error: " + name, error)
        say("and on", session.scalar(sa.select(sa.func.count()).select_from(Book)))


def streams(session):
    result = session.execute(sa.select(readings.c.id).order_by(readings.c.id).execution_options(stream_results=True, max_row_buffer=200))
    say("partitions", [len(part) for part in result.partitions(1000)])
    session.rollback()
    for level in ("SERIALIZABLE", "REPEATABLE READ", "AUTOCOMMIT"):
        session.connection(execution_options={"isolation_level": level})
        say("level", [level, session.scalar(sa.text("SHOW transaction_isolation"))])
        session.rollback()


async def asynchronous():
    engine = create_async_engine("postgresql+asyncpg://", pool_size=3, connect_args={
        "host": os.environ["PGHOST"], "ssl": False}, pool_pre_ping=True)

    async def one(i):
        async with AsyncSession(engine) as session:
            found = (await session.execute(sa.select(Book).options(selectinload(Book.author)).where(Book.id == i))).scalar_one()
            return [found.title, found.author.name, found.price, found.tags]
    say("asynchronous", await asyncio.gather(*(one(i) for i in range(1, 25))))
    async with AsyncSession(engine) as session:
        session.add(Sample(**{**SAMPLE, "id": 1002}))
        await session.commit()
        row = (await session.execute(sa.select(Sample).where(Sample.id == 1002))).scalar_one()
        say("types", {column.name: getattr(row, column.name) for column in Sample.__table__.columns})
        async with session.begin_nested():
            await session.execute(sa.update(Author).where(Author.id == 4).values(name="async"))
        await session.commit()
        seen = [row.id async for row in await session.stream(sa.select(readings.c.id).where(readings.c.id < 500).order_by(readings.c.id))]
        say("stream", [len(seen), seen[-1]])
    await engine.dispose()


def main():
    say("driver", f"{sa.__version__}")
    engine = sa.create_engine("postgresql+psycopg2://", future=True, pool_size=2, pool_pre_ping=True)
    with Session(engine, future=True) as session:
        types(session)
        models(session)
        optimistic(engine, session)
        writes(session)
        transactions(session)
        streams(session)
    with engine.connect() as connection:  # what introspection says
        inspector = sa.inspect(connection)
        say("tables", sorted(inspector.get_table_names()))
        say("columns", sorted([c["name"], str(c["type"])] for c in inspector.get_columns("books") if c["name"] != "org_" + "id"))
    engine.dispose()
    asyncio.run(asynchronous())


sys.exit(main())
