"""Django's ORM: relations, eager loading, annotations, bulk writes, update_or_create, atomic with savepoints, iterator() on held cursors."""

import datetime
import os
import uuid

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"], "CONN_MAX_AGE": None,
        "USER": os.environ["PGUSER"], "PASSWORD": os.environ["PGPASSWORD"], "NAME": os.environ["PGDATABASE"]}},
    INSTALLED_APPS=["django.contrib.postgres"], USE_TZ=True, TIME_ZONE="Europe/Berlin", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()

from django.contrib.postgres.aggregates import ArrayAgg, StringAgg  # noqa: E402
from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.db import DatabaseError, IntegrityError, connection, models, transaction  # noqa: E402
from django.db.models import Avg, Case, Count, Exists, F, Max, OuterRef, Prefetch, Q, Subquery, Sum, Value, When, Window  # noqa: E402
from django.db.models.functions import Concat, Lower, RowNumber, TruncYear  # noqa: E402

from transcript import EMPTY, SAMPLE, say, say_error  # noqa: E402


class Author(models.Model):
    email = models.TextField(unique=True)
    name = models.TextField()
    born = models.DateField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        app_label, db_table, managed = "postgres", "authors", False


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    title = models.TextField()
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    published = models.DateField(null=True)
    tags = ArrayField(models.TextField(), default=list)
    in_print = models.BooleanField(default=True)

    class Meta:
        app_label, db_table, managed, ordering = "postgres", "books", False, ["id"]


class Document(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.TextField()
    version = models.IntegerField(default=1)

    class Meta:
        app_label, db_table, managed = "postgres", "documents", False


class Stock(models.Model):
    sku = models.TextField(primary_key=True)
    quantity = models.IntegerField()

    class Meta:
        app_label, db_table, managed = "postgres", "stock", False


class Reading(models.Model):
    id = models.IntegerField(primary_key=True)
    value = models.FloatField()
    note = models.TextField(null=True)

    class Meta:
        app_label, db_table, managed = "postgres", "readings", False


class Sample(models.Model):
    id = models.IntegerField(primary_key=True)
    small, big = models.SmallIntegerField(null=True), models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    ratio, words = models.FloatField(null=True), models.TextField(null=True)
    code, flag = models.CharField(max_length=20, null=True), models.BooleanField(null=True)
    day, hour, at = models.DateField(null=True), models.TimeField(null=True), models.DateTimeField(null=True)
    uid, bytes, doc = models.UUIDField(null=True), models.BinaryField(null=True), models.JSONField(null=True)
    numbers, names = ArrayField(models.IntegerField(), null=True), ArrayField(models.TextField(), null=True)

    class Meta:
        app_label, db_table, managed = "postgres", "samples", False


def types():
    for row in (SAMPLE, EMPTY):
        Sample.objects.create(**{k: v for k, v in row.items() if k != "wall"})
    say("types", list(Sample.objects.filter(id__gte=1000).order_by("id").values()))
    say("lookups", [Sample.objects.filter(**{k: v}).count() for k, v in (
        ("doc__a__2", "ü"), ("doc__b__c", True), ("doc__has_key", "a"), ("numbers__contains", [1]), ("numbers__len", 3),
        ("names__overlap", ["plain"]), ("at__year", 2024), ("words__icontains", "GRÜSSE"), ("words__regex", "世.*🚢"), ("day__week_day", 5))])


def relations():
    author = Author.objects.create(email="new@x", name="Néw", born=datetime.date(1980, 1, 1))
    made = Book.objects.bulk_create([Book(author=author, title=f"Title {i}", price="9.99", tags=["a", "b,c"]) for i in range(5)])
    say("created", [author.pk > 1000, all(b.pk > 1000 for b in made), author.books.count()])
    say("select_related", [[b.title, b.author.name] for b in Book.objects.select_related("author").filter(id__lt=6)])
    say("prefetch", [[a.name, [b.title for b in a.cheap]] for a in Author.objects.order_by("email").prefetch_related(
        Prefetch("books", Book.objects.filter(price__lt=15), to_attr="cheap"))])
    pages = Paginator(Book.objects.order_by("title", "id").filter(id__lte=1000), 7)
    say("pages", [pages.count, pages.num_pages, [b.title for b in pages.page(2)], pages.page(5).has_next()])
    say("annotate", list(Author.objects.annotate(n=Count("books"), total=Sum("books__price"),
        last=Max("books__published")).order_by("email").values(
        "name", "n", "total", "last")))
    say("aggregate", Book.objects.filter(id__lte=1000).aggregate(Avg("price"), Count("author", distinct=True), titles=StringAgg("title",
        ", ", ordering="title", output_field=models.TextField())))
    say("years", list(Book.objects.filter(id__lt=12).annotate(year=TruncYear("published")).values("year").annotate(ids=ArrayAgg("id",
        ordering="id")).order_by("year")))
    newest = Book.objects.filter(author=OuterRef("pk")).order_by("-published", "id")
    say("subquery", list(Author.objects.annotate(t=Subquery(newest.values("title")[:1]),
        any=Exists(newest)).order_by("email").values("name", "t", "any")))
    say("window", list(Book.objects.filter(id__lt=9).annotate(n=Window(RowNumber(), partition_by=["author"],
        order_by=F("price").desc())).values_list("title", "n").order_by("title")))
    say("conditions", list(Book.objects.filter(Q(price__gt=30) | ~Q(author__name__endswith="1"), in_print=True, id__lte=1000).annotate(
        size=Case(When(price__gt=20, then=Value("big")), default=Value("small"),
            output_field=models.TextField())).values_list("id", "size")))
    say("functions", list(Author.objects.annotate(x=Concat(Lower("name"), Value("!"),
        output_field=models.TextField())).order_by("email").values_list("x", flat=True)))
    say("union", list(Book.objects.filter(id=1).values_list("title").union(Author.objects.filter(id=1).values_list("name")).order_by("title")))
    say("distinct on", list(Book.objects.order_by("author_id", "-price").filter(id__lte=1000).distinct("author_id").values_list("title",
        flat=True)))
    say("deleted", [count for count in author.delete()])


def writes():
    say("update_or_create", [Author.objects.update_or_create(email="author1@x", defaults={"name": "x"})[1],
                             Author.objects.update_or_create(email="author1@x", defaults={"name": "y"})[1],
                             Author.objects.get_or_create(email="author1@x")[0].name])
    say("F", [Stock.objects.filter(sku="sku1").update(quantity=F("quantity") + 5), Stock.objects.get(sku="sku1").quantity])
    Stock.objects.bulk_create([Stock(sku="sku1", quantity=0), Stock(sku="skuN", quantity=3)], ignore_conflicts=True)
    say("ignore_conflicts", list(Stock.objects.order_by("sku").values_list("sku", "quantity")))
    books = list(Book.objects.filter(id__lt=5))
    for book in books:
        book.title += "*"
    Book.objects.bulk_update(books, ["title"])
    say("bulk_update", list(Book.objects.filter(id__lt=6).values_list("title", flat=True)))
    say("optimistic", [Author.objects.filter(pk=1, version=1).update(name="first", version=F("version") + 1),
                       Author.objects.filter(pk=1, version=1).update(name="second", version=F("version") + 1)])
    document = Document.objects.first()
    document.title = "saved"
    document.save(update_fields=["title"])
    document.refresh_from_db()
    say("saved", document.title)
    Reading.objects.bulk_create([Reading(id=10000 + i, value=i / 4) for i in range(2500)], batch_size=500)
    say("many", Reading.objects.filter(id__gte=10000).aggregate(Count("id"), Sum("value")))


def transactions():
    try:
        with transaction.atomic():
            Author.objects.filter(pk=2).update(name="gone")
            raise KeyError
    except KeyError:
        say("rolled back", Author.objects.get(pk=2).name)
    with transaction.atomic():
        say("locked", [a.name for a in Author.objects.select_for_update(of=("self",)).filter(pk=2)])
        Author.objects.filter(pk=2).update(name="kept")
        try:
            with transaction.atomic():
                Author.objects.create(pk=3, email="twice", name="x")
        except IntegrityError as error:
            say_error("savepoint", error)
        say("hooks", transaction.on_commit(lambda: say("on_commit")))
    say("committed", Author.objects.get(pk=2).name)
    for name, text, values in (("check", "UPDATE books SET price = -%s", [1]), ("syntax", "SELEC 1", []), ("division",
        "SELECT 1 / (id - %s) FROM books ORDER BY id", [3])):
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values)
        except DatabaseError as error:
            say_error("error: " + name, error)
        say("and on", Book.objects.count())


def streams():
    say("iterator", sum(r.value for r in Reading.objects.order_by("id").iterator(chunk_size=700)))
    with transaction.atomic():
        say("iterator in a transaction", sum(1 for _ in Reading.objects.all().iterator(chunk_size=300)))
    half = Reading.objects.order_by("id").iterator(chunk_size=10)
    say("half of an iterator", [next(half).id for _ in range(15)])
    half.close()
    say("raw", [[a.name, a.books_there] for a in Author.objects.raw(
        "SELECT a.id, a.name, (SELECT count(*) FROM books b WHERE b.author_id = a.id) AS books_there FROM authors a ORDER BY email")])
    with connection.cursor() as cursor:
        say("tables", sorted(t.name for t in connection.introspection.get_table_list(cursor)))
        say("large", sum(len(row[1] or "") for row in (cursor.execute("SELECT id, repeat(note, 20) FROM readings"), cursor.fetchall())[1]))
    connection.close()
    say("reconnected", Book.objects.count())


say("driver", django.get_version())
for part in (types, relations, writes, transactions, streams):
    part()
